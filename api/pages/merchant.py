"""A merchant's own page: orders and their states, each split explained line by line, balances, statements for a day.
Any other member that is paid finds its balances and statements there.

Complete without script; with it, the page listens to the feed from the very position that it was rendered at and
redraws itself when something happens."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.pages.formats import percent, yuan
from api.pages.language import Language, language_of, say
from api.reads.merchant import PAGE, OrderLine, account_of, count_orders, days_with_entries, orders_page
from api.sessions import Member
from api.state import ledger_of, pages_of
from ledger.errors import NotAllowed
from ledger.notify.feed import last_position, text_of
from ledger.settle.split import WHOLE_BPS, LegExplanation, LegKind
from ledger.store.database import read

router = APIRouter(include_in_schema=False)

LIVE_KINDS = (
    "order_placed",
    "order_paid",
    "order_delivered",
    "order_settled",
    "order_refunded",
    "refund_booked",
    "refund_returned",
    "refund_uncovered",
    "batch_placed",
    "batch_paid",
    "batch_settled",
    "batch_refunded",
    "debt_paid",
    "credit_transferred",
    "withdrawal_requested",
    "withdrawal_booked",
    "withdrawal_returned",
    "account_frozen",
    "account_unfrozen",
)


@router.api_route("/merchant/{slug}", methods=["GET", "HEAD"])
def merchant_page(request: Request, slug: str, principal: Member, page: int = 1) -> Response:
    """NotAllowed for anybody but the merchant itself."""
    if slug != principal.slug:
        raise NotAllowed(
            f"This page is for {slug} alone, and you are signed in as {principal.slug}.", hint="Sign in as that member."
        )
    language = language_of(request)
    with read(ledger_of(request).engine) as connection:
        position = last_position(connection)  # with the rows of this page, in one snapshot: nothing falls between them
        count = count_orders(connection, principal.number)
        pages = max(1, -(-count // PAGE))
        page = min(max(1, page), pages)
        orders = orders_page(connection, principal.number, page)
        context: dict[str, Any] = {
            "account": account_of(connection, principal.number),
            "days": days_with_entries(connection, principal.number),
        }
    context |= {
        "orders": [
            (one, [(line, arithmetic(line.explanation, one.rest_fen, language)) for line in one.lines])
            for one in orders
        ],
        "total_of": total_of,
        "count": count,
        "page": page,
        "pages": pages,
        "position": text_of(position),
        "kinds": " ".join(LIVE_KINDS),
    }
    return pages_of(request).render(request, "merchant.html", context)


def total_of(one: OrderLine) -> int:
    """The legs' sum, in fen: what remains of the order, always."""
    return sum(line.explanation.amount_fen for line in one.lines)


def arithmetic(line: LegExplanation, amount_fen: int, language: Language) -> str:
    """How a leg came by its amount, in words and figures. The figures are those of `ledger.settle.split`, said in
    yuan."""
    leg = line.leg
    if leg.kind is LegKind.RESIDUAL:
        return say(language, "leg.residual")
    if leg.kind is LegKind.FIXED:
        wanted, text = leg.value, say(language, "leg.fixed", value=yuan(leg.value))
    else:
        wanted, remainder = divmod(amount_fen * leg.value, WHOLE_BPS)
        text = say(language, "leg.share", amount=yuan(amount_fen), rate=percent(leg.value), part=yuan(wanted))
        if remainder:
            text += say(language, "leg.rounded")
        if leg.cap_fen and wanted > leg.cap_fen:
            wanted = leg.cap_fen
            text += say(language, "leg.capped", cap=yuan(leg.cap_fen))
        elif wanted < leg.floor_fen:
            wanted = leg.floor_fen
            text += say(language, "leg.floored", floor=yuan(leg.floor_fen))
    if line.amount_fen < wanted:
        text += say(language, "leg.short", left=yuan(line.amount_fen))
    return text
