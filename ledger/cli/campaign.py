"""Commands about campaigns: open, list, show, close; keep runs what time and refunds leave to do."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Row, select

from ledger.cli.access import acting, require_member
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.cli.waiting import until_shown
from ledger.config import home_from
from ledger.context import open_ledger
from ledger.errors import BadInput
from ledger.settle.acting import Acting
from ledger.settle.campaign_rows import Budget, budgets_of, campaign_row, rules_of, terms_of
from ledger.settle.close_campaign import close_campaign
from ledger.settle.keep_campaigns import keep_campaigns
from ledger.settle.money import yuan
from ledger.settle.open_campaign import open_campaign
from ledger.settle.price import WHOLE_BPS, CampaignKind, CampaignTerms, campaign_words
from ledger.store.database import read, write
from ledger.store.schema import campaign as campaigns
from ledger.store.schema import member as members
from ledger.store.schema import order as orders
from ledger.store.schema import promotion, promotion_part

app = typer.Typer(no_args_is_help=True, help="Promotions with a sponsor and a budget held in escrow.")

Number = Annotated[int, typer.Argument(help="The campaign's number.")]


@app.command("open")
def open_it(
    name: Annotated[str, typer.Argument(help="Your own name for it; the same again is the same campaign.")],
    kind: Annotated[CampaignKind, typer.Option("--kind", help="What it does.")],
    budget_fen: Annotated[int, typer.Option("--budget-fen", min=1, help="Held in escrow, out of what is available.")],
    ends: Annotated[str, typer.Option("--ends", help="ISO 8601 with zone: no order after it.")],
    slug: Annotated[str, typer.Option("--as", help="The sponsor.")] = "platform",
    rank: Annotated[int, typer.Option("--rank", help="Its place in the stack; lower ones come first.")] = 1,
    value_fen: Annotated[
        int, typer.Option("--value-fen", min=0, help="Off the price, or to the payee of an order.")
    ] = 0,
    bps: Annotated[int, typer.Option("--bps", min=0, help="Instead: basis points of the price, or of the order.")] = 0,
    threshold_fen: Annotated[
        int, typer.Option("--threshold-fen", min=0, help="Of a threshold: from this price on.")
    ] = 0,
    repeats: Annotated[bool, typer.Option("--repeats", help="For every full threshold of the price.")] = False,
    cap_fen: Annotated[int, typer.Option("--cap-fen", min=0, help="At most this much an order; 0: no cap.")] = 0,
    sponsor_bps: Annotated[
        int, typer.Option("--sponsor-bps", help="What of a discount the sponsor bears; the merchant bears the rest.")
    ] = WHOLE_BPS,
    payee: Annotated[str | None, typer.Option("--payee", help="Of a commission: the member that gets it.")] = None,
    rule: Annotated[list[int] | None, typer.Option("--rule", help="Only orders of this rule; again for more.")] = None,
    starts: Annotated[str | None, typer.Option("--starts", help="ISO 8601 with zone; at once by default.")] = None,
    hold_seconds: Annotated[
        int, typer.Option("--hold-seconds", help="How long an order that is not paid keeps what it reserved.")
    ] = 1800,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Open a campaign. Its terms never change; what it has not spent comes back after its end."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), slug) as (ledger, access):
        terms = CampaignTerms(
            kind=kind,
            rank=rank,
            budget_fen=budget_fen,
            starts=0 if starts is None else _moment(starts, "--starts"),
            ends=_moment(ends, "--ends"),
            hold_seconds=hold_seconds,
            value_fen=value_fen,
            bps=bps,
            threshold_fen=threshold_fen,
            repeats=repeats,
            cap_fen=cap_fen,
            sponsor_bps=sponsor_bps,
            payee=0 if payee is None else require_member(ledger, payee).member,
        )
        sponsor = Acting(access.member, access.authority)
        with write(ledger.engine) as connection:
            outcome = open_campaign(
                connection, ledger.deployment, sponsor, name, terms, rule or [], now=int(time.time())
            )
        block = until_shown(ledger, [outcome.id])
        with read(ledger.engine) as connection:
            mine = campaigns.c.sponsor == access.member.member, campaigns.c.name == name
            number = connection.execute(select(campaigns.c.campaign).where(*mine)).scalar_one()
        stands = "is open" if outcome.new else "stood already; nothing changed"
        output.say(f"Campaign {number} {stands}: {campaign_words(terms)}. Budget: {yuan(budget_fen)}.")
        output.result({"campaign": number, "name": name, "repeated": not outcome.new, "block": block})


@app.command("list")
def list_them(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """All campaigns with what is left of their budgets."""
    output = Output(as_json)
    with told_plainly(output):
        with read(open_ledger(home_from(home)).engine) as connection:
            rows = connection.execute(
                select(campaigns, members.c.name.label("sponsor_name"))
                .join(members, members.c.member == campaigns.c.sponsor)
                .order_by(campaigns.c.campaign)
            ).all()
            budgets = budgets_of(connection, rows)
        output.table(
            "Campaigns",
            ["campaign", "name", "sponsor", "what", "budget", "free", "ends"],
            [
                [
                    str(row.campaign),
                    row.name,
                    row.sponsor_name,
                    campaign_words(terms_of(row)),
                    yuan(row.budget_fen),
                    yuan(budgets[row.campaign].free_fen),
                    _when(row.ends),
                ]
                for row in rows
            ],
            right=(4, 5),
        )
        output.result([_document(row, budgets[row.campaign]) for row in rows])


@app.command("show")
def show(number: Number, as_json: JsonOption = False, home: HomeOption = None) -> None:
    """One campaign: its terms, its budget, and the orders that it served."""
    output = Output(as_json)
    with told_plainly(output):
        with read(open_ledger(home_from(home)).engine) as connection:
            row = campaign_row(connection, number)
            budget = budgets_of(connection, [row])[number]
            served = connection.execute(
                select(orders.c.number, promotion.c.state, promotion_part)
                .join(promotion, promotion.c.order_id == orders.c.order_id)
                .join(promotion_part, promotion_part.c.order_id == orders.c.order_id)
                .where(promotion_part.c.campaign == number)
                .order_by(orders.c.number)
            ).all()
        output.say(f"Campaign {number}, {row.name}: {campaign_words(terms_of(row))}. It ends {_when(row.ends)}.")
        output.say(
            f"Budget {yuan(budget.budget_fen)} = spent {yuan(budget.spent_fen)} + reserved {yuan(budget.reserved_fen)} "
            f"+ returned {yuan(budget.returned_fen)} + free {yuan(budget.free_fen)}."
        )
        output.table(
            "Orders",
            ["number", "state", "off", "of it the sponsor", "commission", "back by refunds"],
            [
                [
                    one.number,
                    one.state,
                    yuan(one.off_fen),
                    yuan(one.sponsor_fen),
                    yuan(one.reserved_fen if one.commission_fen is None else one.commission_fen),
                    yuan(one.back_fen),
                ]
                for one in served
            ],
            right=(2, 3, 4, 5),
        )
        output.result({**_document(row, budget), "orders": [one.number for one in served]})


@app.command("close")
def close(
    number: Number,
    slug: Annotated[str, typer.Option("--as", help="Who sends it; anyone may.")] = "platform",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Give back to the sponsor, after the end, what is neither spent nor reserved."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), slug) as (ledger, access):
        keeper = Acting(access.member, access.authority)
        with write(ledger.engine) as connection:
            outcome = close_campaign(connection, ledger.deployment, keeper, number, now=int(time.time()))
        block = until_shown(ledger, [outcome.id]) if outcome else None
        with read(ledger.engine) as connection:
            budget = budgets_of(connection, [campaign_row(connection, number)])[number]
        output.say(
            f"Campaign {number}: {yuan(budget.returned_fen)} returned to its sponsor, {yuan(budget.reserved_fen)} reserved."
        )
        output.result({"campaign": number, "returned_fen": budget.returned_fen, "block": block})


@app.command("keep")
def keep(
    slug: Annotated[str, typer.Option("--as", help="Who sends it; anyone may.")] = "platform",
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """The keeper: sponsors' part of refunds, commissions of ended orders, lapsed reservations, campaigns that have ended."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), slug) as (ledger, access):
        keeper = Acting(access.member, access.authority)
        ids: list[int] = []
        while True:
            with write(ledger.engine) as connection:
                more = keep_campaigns(connection, ledger.deployment, keeper, now=int(time.time()))
            if not more:
                break
            until_shown(ledger, more)
            ids += more
        output.say(f"{len(ids)} transactions." if ids else "Nothing is left to do.")
        output.result({"transactions": len(ids)})


def _moment(text: str, option: str) -> int:
    """Unix seconds."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadInput(
            f"{text!r} is no time with a zone.", where=option, hint="Write it like 2026-12-12T00:00:00+08:00."
        )
    return int(moment.timestamp())


def _when(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def _document(row: Row[Any], budget: Budget) -> dict[str, Any]:
    kept = {**row._mapping, "rules": list(rules_of(row))}
    return {**kept, **budget.__dict__, "free_fen": budget.free_fen}
