"""A sponsor opens a campaign: its terms and its budget, out of what the sponsor has available, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from ledger.chain.contracts import Deployment
from ledger.chain.outbox import Intent, QueuedOutcome, queue
from ledger.errors import BadInput, Conflict
from ledger.settle.acting import Acting, require_treasury
from ledger.settle.batches import content_key
from ledger.settle.money import ORDER_CAP_FEN
from ledger.settle.price import WHOLE_BPS, CampaignKind, CampaignTerms
from ledger.settle.withdraw import require_credit
from ledger.store.schema import outbox

MOST_NAME = 64


def open_campaign(
    connection: Connection,
    deployment: Deployment,
    acting: Acting,
    name: str,
    terms: CampaignTerms,
    rules: Sequence[int],
    *,
    now: int,
) -> QueuedOutcome:
    """Queues the opening in the caller's write transaction. `name` is the sponsor's own: the same name with the same terms
    and rules again is the same campaign; with others it is a Conflict. `rules`: whose orders it serves, empty for all.

    NotAllowed when the account is frozen, or for an operator without the treasury; BadInput for terms that make no sense
    or a budget that is more than is available.
    """
    require_treasury(acting, "open a campaign")
    if not name.strip() or len(name) > MOST_NAME:
        raise BadInput(f"A campaign needs a name of 1 to {MOST_NAME} characters.", hint="Name it, like 618-coupon.")
    key = content_key("campaign", acting.member.member, name)
    stands = select(outbox.c.id).where(outbox.c.key == key, outbox.c.state != "reverted")
    if connection.execute(stands).scalar_one_or_none() is None:
        check_terms(terms, now=now)
        require_credit(connection, acting, terms.budget_fen)
    args = (name, terms.arguments, list(rules))
    try:
        return queue(
            connection, deployment, Intent(key, acting.account, "Campaigns", "open", args, acting.authority), now
        )
    except Conflict:
        raise Conflict(
            f"You have a campaign {name!r} with other terms.", hint="Terms never change: give the new one its own name."
        ) from None


def check_terms(terms: CampaignTerms, *, now: int) -> None:
    """BadInput for what the contract would refuse (contracts/src/libraries/Price.sol, checkTerms)."""
    commission = terms.kind is CampaignKind.COMMISSION
    faults = (
        (not 1 <= terms.rank <= 255, "its rank must be 1 to 255"),
        (not 1 <= terms.budget_fen <= ORDER_CAP_FEN, "its budget must be at least 0.01 yuan"),
        ((terms.value_fen > 0) == (terms.bps > 0), "give either an amount or basis points"),
        (not 0 <= terms.value_fen <= ORDER_CAP_FEN, "its amount is too large"),
        (not 0 <= terms.bps <= WHOLE_BPS, f"basis points are at most {WHOLE_BPS}"),
        (not 0 <= terms.cap_fen <= ORDER_CAP_FEN, "its cap is too large"),
        (not 0 <= terms.sponsor_bps <= WHOLE_BPS, f"the sponsor's share is at most {WHOLE_BPS} basis points"),
        (commission and terms.sponsor_bps != WHOLE_BPS, "a commission is borne by its sponsor alone"),
        (
            (terms.kind is CampaignKind.THRESHOLD) != (terms.threshold_fen > 0),
            "a threshold campaign alone has a threshold",
        ),
        (terms.repeats and not (terms.threshold_fen and terms.value_fen), "only an amount off a threshold repeats"),
        (commission != (terms.payee > 0), "a commission alone has a payee"),
        (terms.hold_seconds < 1, "an unpaid order must hold its reservation for at least a second"),
        (terms.ends <= max(terms.starts, now), "it must end after its start, and later than now"),
    )
    if said := [what for wrong, what in faults if wrong]:
        raise BadInput(f"The campaign cannot be: {'; '.join(said)}.", hint="See `suyuan campaign open --help`.")
