"""The front page with its search, the members, and the cached assets."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from starlette.responses import RedirectResponse

from api.addresses import scan_path
from api.pages.language import language_of, say
from api.reads.members import all_members
from api.sessions import Asking
from api.state import ledger_of, pages_of
from ledger.store.schema import product
from ledger.trace.facts import find_lots
from ledger.trace.gs1 import check_gtin, check_lot, check_serial

router = APIRouter(include_in_schema=False)

GET = ["GET", "HEAD"]


@router.api_route("/", methods=GET)
def home(request: Request, principal: Asking) -> Response:
    return _home(request)


@router.api_route("/find", methods=GET)
def find(request: Request, principal: Asking, lot: str = "", gtin: str = "", serial: str = "") -> Response:
    """The search box. A lot number alone may be that of several products: then the reader chooses."""
    lot, gtin, serial = lot.strip(), gtin.strip(), serial.strip().upper()
    language = language_of(request)
    values = {"lot": lot, "gtin": gtin, "serial": serial}
    if not lot and not gtin:
        return _home(request, values, message=say(language, "home.needs"), status=400)
    if lot:
        check_lot(lot, where="lot")
    if serial:
        check_serial(serial, where="serial")
    if gtin:
        return RedirectResponse(scan_path(check_gtin(gtin, where="gtin"), lot or None, serial or None), status_code=303)
    with ledger_of(request).engine.connect() as connection:
        found = find_lots(connection, lot)
        names = {
            row.gtin: row.name
            for row in connection.execute(
                select(product.c.gtin, product.c.name).where(product.c.gtin.in_([g for g, _ in found]))
            )
        }
    if not found:
        return _home(request, values, message=say(language, "home.none", lot=lot), status=404)
    if len(found) == 1:
        return RedirectResponse(scan_path(found[0][0], lot, serial or None), status_code=303)
    choices = [
        {
            "gtin": one,
            "name": names.get(one, say(language, "scan.unnamed", gtin=one)),
            "href": scan_path(one, lot, serial or None),
        }
        for one, _ in found
    ]
    return _home(request, values, choices=choices)


@router.api_route("/members", methods=GET)
def members(request: Request, principal: Asking) -> Response:
    with ledger_of(request).engine.connect() as connection:
        lines = all_members(connection)
    return pages_of(request).render(request, "members.html", {"members": lines})


@router.api_route("/static/{digest}/{name}", methods=GET)
def static(request: Request, digest: str, name: str) -> Response:
    return pages_of(request).asset(digest, name)


def _home(
    request: Request,
    values: dict[str, str] | None = None,
    *,
    message: str = "",
    choices: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> Response:
    context = {"values": values or {"lot": "", "gtin": "", "serial": ""}, "message": message, "choices": choices or []}
    return pages_of(request).render(request, "home.html", context, status=status)
