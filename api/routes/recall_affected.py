"""What a recall reaches: for the product's owner and for regulators, as a page, as JSON and as files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from api.addresses import scan_path
from api.pages.language import language_of
from api.pages.render import prefers_html
from api.pages.scan import words_for
from api.pages.scan_view import MOST_LISTED
from api.sessions import Member, Principal
from api.state import ledger_of, pages_of
from ledger.store.database import read
from ledger.trace.fsma_sheet import fsma_sheets
from ledger.trace.gs1 import check_gtin
from ledger.trace.quantities import words
from ledger.trace.recall_affected import Affected, affected_by, affected_items, require_may_ask
from ledger.trace.recall_report import (
    AMOUNTS,
    affected_document,
    affected_sheets,
    amount,
    holders_sheet,
    serials_csv,
    total,
)
from ledger.trace.spreadsheet import as_csv, as_xlsx

router = APIRouter(prefix="/recalls", tags=["evidence"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Drill = Annotated[bool, Query(description="As if the lot were recalled now: nobody is told, nothing is recorded")]


@router.get(
    "/{gtin}/{lot:path}/affected",
    summary="What a recall reaches forward, what is at risk backward, and who holds how much",
    response_model=None,
)
def affected(
    request: Request,
    principal: Member,
    gtin: str,
    lot: str,
    drill: Drill = False,
    form: Annotated[
        Literal["json", "csv", "xlsx", "fsma"] | None,
        Query(alias="format", description="fsma: the sortable spreadsheet of the FDA's rule"),
    ] = None,
) -> Response:
    """For the owner of the GTIN and for regulators. `found`, `returned` and `destroyed` are what holders said since the recall
    opened. A browser gets a page."""
    found = _affected(request, principal, gtin, lot, drill)
    name = f"recall-{found.facts.gtin}-{found.facts.lot}"
    if form == "csv":
        return _file(as_csv(holders_sheet(found)), "text/csv; charset=utf-8", f"{name}.csv")
    if form == "xlsx":
        return _file(as_xlsx(affected_sheets(found)), XLSX, f"{name}.xlsx")
    if form == "fsma":
        return _file(as_xlsx(fsma_sheets(found.facts)), XLSX, f"{name}-fsma204.xlsx")
    if form is None and prefers_html(request):
        return _page(request, found)
    return JSONResponse(affected_document(found), headers={"Cache-Control": "no-store"})


@router.get(
    "/{gtin}/{lot:path}/items", summary="Every affected serial, as CSV: gtin, lot, serial", response_class=Response
)
def items(request: Request, principal: Member, gtin: str, lot: str, drill: Drill = False) -> Response:
    found = _affected(request, principal, gtin, lot, drill)
    engine = ledger_of(request).engine

    def lines() -> Iterator[bytes]:
        with read(engine) as connection:
            yield from serials_csv(affected_items(connection, found))

    name = f"items-{found.facts.gtin}-{found.facts.lot}.csv"
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=_headers(name))


def _affected(request: Request, principal: Principal, gtin: str, lot: str, drill: bool) -> Affected:
    gtin = check_gtin(gtin, where="gtin")
    with read(ledger_of(request).engine) as connection:
        require_may_ask(connection, principal.member, gtin)
        return affected_by(connection, gtin, lot, drill=drill)


def _page(request: Request, found: Affected) -> Response:
    path = request.scope.get("raw_path", b"").decode("ascii") or request.url.path
    ask = "drill=true&" if found.recall is None else ""
    context: dict[str, Any] = {
        "found": found,
        "amounts": AMOUNTS,
        "amount_words": lambda line, name: words(amount(line, name)),
        "total_words": lambda name: words(total(found.lines, name)),
        "file_href": lambda form: f"{path}?{ask}format={form}",
        "items_href": path.removesuffix("/affected") + "/items" + ("?drill=true" if ask else ""),
        "most_listed": MOST_LISTED,
        **words_for(language_of(request)),
        "scan_href": scan_path,
    }
    return pages_of(request).render(request, "recall.html", context)


def _file(data: bytes, media_type: str, name: str) -> Response:
    return Response(data, media_type=media_type, headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    """To be kept under this name (RFC 6266), whatever letters a lot has."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", "Cache-Control": "no-store"}
