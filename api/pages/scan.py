"""The scan page: where a scanned code leads. Verdict first, then where it is from, findings, the journey, and the
proof.

Statuses: 200 for a code or lot that is on record, recalled ones included (the page says so first); 404 where there is
no such thing: an unknown product, lot or serial, a forged code, a real serial under another lot; 400 for a wrong
check digit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, select

from api.addresses import link_path, scan_path, trade_item_of
from api.pages import scan_verdict
from api.pages.formats import event_time
from api.pages.language import Language, language_of, say
from api.pages.render import prefers_html
from api.pages.scan_verdict import Verdict
from api.pages.scan_view import MOST_LISTED, JourneyView, goods_by_role, view_of
from api.reads.events import leads_to_codes
from api.reads.lots import lots_of_product
from api.sessions import Asking, Principal
from api.state import ledger_of, pages_of, shared_of
from ledger.errors import BadInput, BrokenEvidence, NotFound
from ledger.store.database import read
from ledger.store.schema import item, member, product
from ledger.trace.facts import load_lot
from ledger.trace.item_codes import normal_serial
from ledger.trace.item_proofs import ItemProof
from ledger.trace.item_verdict import CommittedItem, judge
from ledger.trace.item_verdict import Verdict as Judgement
from ledger.trace.journey import Journey, Step, tell
from ledger.trace.stated import Statement
from ledger.trace.words import Text, amount, sensor_unit

_log = structlog.get_logger("api.scan")

router = APIRouter(include_in_schema=False)


@router.api_route("/scan/01/{rest:path}", methods=["GET", "HEAD"])
def scan_page(request: Request, principal: Asking) -> Response:
    try:
        return scan(request, principal)
    except BadInput as error:
        if not prefers_html(request):
            raise
        return bad_address_page(request, error)


def scan(request: Request, principal: Principal | None) -> Response:
    """The page of what the address names."""
    language = language_of(request)
    named = trade_item_of(request)
    with read(ledger_of(request).engine) as connection:
        name = connection.execute(select(product.c.name).where(product.c.gtin == named.gtin)).scalar()
        heading = name or say(language, "scan.unnamed", gtin=named.gtin)
        if named.serial is not None:
            shown = _item(connection, request, named.gtin, named.lot, named.serial, language)
        elif named.lot is not None:
            shown = _lot(connection, named.gtin, named.lot, heading, language)
        else:
            return _product_page(connection, request, named.gtin, name, heading, language)
        public = shown.journey is not None and leads_to_codes(connection, {shown.journey.lot_key})
    return _page(request, language, shown, heading, named.gtin, public, principal.number if principal else None)


def bad_address_page(request: Request, error: BadInput) -> Response:
    """For a person whose scanned or typed code breaks the rules of its numbers."""
    verdict = scan_verdict.bad_address(language_of(request))
    context = {"verdict": verdict, "error": error, "heading": verdict.title}
    return pages_of(request).render(request, "bad_address.html", context, status=verdict.status)


@dataclass(frozen=True)
class Shown:
    """What a page is about. `item` and `proof` where a code was found to stand under a root."""

    verdict: Verdict
    lot: str | None
    serial: str | None
    journey: Journey | None
    item: CommittedItem | None = None
    proof: ItemProof | None = None


def _item(
    connection: Connection, request: Request, gtin: str, lot: str | None, serial: str, language: Language
) -> Shown:
    shared = shared_of(request)
    # A code without its lot (`/01/{gtin}/21/{serial}`) is judged under the lot that it was registered for, if it was.
    lot = (
        lot
        or connection.execute(
            select(item.c.lot).where(item.c.gtin == gtin, item.c.serial == normal_serial(serial))
        ).scalar()
    )
    judged = judge(connection, shared.mac_key, gtin, lot or "", serial)
    if judged.verdict not in (Judgement.GENUINE, Judgement.RECALLED) or judged.item is None:
        # No journey under a code that proves nothing: a forger's pack must not carry a real field's name.
        return Shown(scan_verdict.on_scan(language, judged, None), lot, judged.serial, None)
    journey = journey_of(connection, gtin, judged.item.lot, downstream=False)
    try:
        proof = shared.proofs.prove(judged.item)
        if not proof.holds:
            return Shown(scan_verdict.broken(language), lot, judged.serial, None)
    except BrokenEvidence as error:
        _log.error("broken_item_evidence", what=str(error))
        return Shown(scan_verdict.broken(language), lot, judged.serial, None)
    except NotFound:  # this home does not hold the manifest; the row still says where the code stands
        proof = None
    return Shown(scan_verdict.on_scan(language, judged, journey), lot, judged.serial, journey, judged.item, proof)


def _lot(connection: Connection, gtin: str, lot: str, heading: str, language: Language) -> Shown:
    journey = journey_of(connection, gtin, lot, downstream=True)
    if journey is None:
        return Shown(scan_verdict.unknown_lot(language, heading, lot), lot, None, None)
    return Shown(scan_verdict.on_journey(language, journey, genuine=False), lot, None, journey)


def journey_of(connection: Connection, gtin: str, lot: str, *, downstream: bool) -> Journey | None:
    """The lot's journey; None when nothing is on record."""
    try:
        return tell(load_lot(connection, gtin, lot, downstream=downstream))
    except NotFound:
        return None


def _product_page(
    connection: Connection, request: Request, gtin: str, name: str | None, heading: str, language: Language
) -> Response:
    lots = lots_of_product(connection, gtin)
    owner = connection.execute(
        select(member.c.name).join(product, product.c.member == member.c.member).where(product.c.gtin == gtin)
    ).scalar()
    verdict = scan_verdict.unknown_product(language, gtin) if name is None and not lots else None
    context = {
        "gtin": gtin,
        "heading": heading,
        "lots": lots,
        "owner": owner,
        "verdict": verdict,
        "scan_href": scan_path,
    }
    return pages_of(request).render(request, "product.html", context, status=verdict.status if verdict else 200)


def _page(
    request: Request, language: Language, shown: Shown, heading: str, gtin: str, public: bool, asking: int | None
) -> Response:
    def opens(step: Step, statement: Statement) -> bool:
        """Whether the salt is for this reader. What was made of a lot is another lot's journey: see its own page."""
        return (public and step.depth >= 0) or statement.member.member == asking

    context: dict[str, Any] = {
        "heading": heading,
        "gtin": gtin,
        "shown": shown,
        "verdict": shown.verdict,
        "view": view_of(shown.journey) if shown.journey else None,
        "opens": opens,
        "most_listed": MOST_LISTED,
        # A file only for whom it is whole: the past of a lot that leads to codes is everybody's.
        "events_href": f"/trace?gtin={gtin}&lot={quote(shown.lot, safe='')}&format=epcis"
        if public and shown.lot
        else "",
        "recall_href": _recall_href(request, shown, gtin),
        "link_uri": ledger_of(request).settings.api_url.rstrip("/") + link_path(gtin, shown.lot, shown.serial),
        **words_for(language),
    }
    headers = {"Cache-Control": "private, max-age=0, must-revalidate"}
    return pages_of(request).render(request, "scan.html", context, status=shown.verdict.status, headers=headers)


def _recall_href(request: Request, shown: Shown, gtin: str) -> str | None:
    """The lot's recall list, for those who may see it; a drill while it is not recalled."""
    principal: Principal | None = getattr(request.state, "principal", None)
    if principal is None or shown.journey is None or shown.lot is None:
        return None
    owner = shown.journey.owner
    if not (principal.regulates or (owner is not None and owner.member == principal.number)):
        return None
    drill = "" if shown.journey.recalls else "?drill=true"
    return f"/recalls/{gtin}/{quote(shown.lot, safe='')}/affected{drill}"


def words_for(language: Language) -> dict[str, Callable[..., Any]]:
    """What the journey's templates call: the words of the ledger in the page's language."""

    def tx(text: Text) -> str:
        return text.in_language("zh-CN" if language == "zh" else "en")

    def numbered(view: JourneyView, keys: Sequence[str]) -> str:
        steps = [say(language, "scan.step_n", n=view.number[key]) for key in keys if key in view.number]
        return ("、" if language == "zh" else ", ").join(steps)

    return {
        "tx": tx,
        "numbered": numbered,
        "amount": amount,
        "sensor_unit": sensor_unit,
        "goods_by_role": goods_by_role,
        "scan_href": scan_path,
        "event_time": lambda when: event_time(when.local, when.offset, when.whole_day, language),
    }
