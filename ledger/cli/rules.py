"""Commands about commission rules: propose, sign, show, list."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, Row, select

from ledger.cli.access import acting
from ledger.cli.output import HomeOption, JsonOption, Output, read_file, told_plainly
from ledger.cli.waiting import until_shown
from ledger.config import home_from
from ledger.context import Ledger, open_ledger
from ledger.errors import BadInput, NotFound
from ledger.settle.acting import Acting, member_named
from ledger.settle.propose_rule import propose_rule
from ledger.settle.rule_rows import legs_of, version_in_force, version_of
from ledger.settle.sign_rule import message_to_sign, sign_rule
from ledger.settle.split import Leg, LegKind
from ledger.store.database import read, write
from ledger.store.schema import member, rule_signature, rule_version

app = typer.Typer(help="Commission rules: who earns what from a sale.", no_args_is_help=True)


@app.command("propose")
def propose(
    file: Annotated[
        Path,
        typer.Argument(
            help='JSON: {"legs": [{"payee": SLUG, "kind": "fixed|share|residual", "value": N, "cap_fen": N, "floor_fen": N}]}'
        ),
    ],
    slug: Annotated[str, typer.Option("--as", help="The merchant.")] = "merchant",
    rule: Annotated[int, typer.Option("--rule", help="The rule that gets a new version; 0 opens a new rule.")] = 0,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Propose a rule or a new version of one. A merchant's rule with the same legs that stands already is not proposed twice."""
    output = Output(as_json)
    with told_plainly(output):
        raw = _parsed(read_file(file), str(file))
        with acting(home_from(home), slug) as (ledger, access):
            with write(ledger.engine) as connection:
                legs = [
                    _leg(connection, entry, f"{file}: leg {position}") for position, entry in enumerate(raw, start=1)
                ]
                known = _with_same_legs(connection, access.member.member, legs, rule)
                queued = None
                if known is None:
                    queued = propose_rule(
                        connection,
                        ledger.deployment,
                        Acting(access.member, access.authority),
                        legs,
                        now=int(time.time()),
                        rule=rule,
                    )
            if queued is not None:
                until_shown(ledger, [queued.id])
            with read(ledger.engine) as connection:
                found = known or _with_same_legs(connection, access.member.member, legs, rule)
            if found is None:
                raise NotFound("The proposal is not among the rows.", hint="See `suyuan index status`.")
            _show(ledger, *found, output, repeated=queued is None)


@app.command("sign")
def sign(
    rule: Annotated[int, typer.Argument(help="The rule's number.")],
    version: Annotated[int, typer.Argument(help="The version's number.")],
    slug: Annotated[str, typer.Option("--as", help="The payee that signs.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Sign a rule version as one of those whom it pays (EIP-712). The last signature puts it in force."""
    output = Output(as_json)
    with told_plainly(output), acting(home_from(home), slug) as (ledger, access):
        with read(ledger.engine) as connection:
            message = message_to_sign(connection, ledger.deployment, rule, version)
            done = connection.execute(
                select(rule_signature.c.signed_block).where(
                    rule_signature.c.rule == rule,
                    rule_signature.c.version == version,
                    rule_signature.c.member == access.member.member,
                )
            ).scalar()
        if done is None:
            signature = ledger.signer.sign_typed_data(access.member.account, message, access.authority)
            with write(ledger.engine) as connection:
                queued = sign_rule(
                    connection,
                    ledger.deployment,
                    rule=rule,
                    version=version,
                    member=access.member.member,
                    signature=signature,
                    account=access.member.account,
                    authority=access.authority,
                    now=int(time.time()),
                )
            until_shown(ledger, [queued.id])
        _show(ledger, rule, version, output, repeated=done is not None)


@app.command("show")
def show(
    rule: Annotated[int, typer.Argument(help="The rule's number.")],
    version: Annotated[int, typer.Argument(help="The version's number.")],
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Show a rule version: its legs, and whose signature is missing."""
    output = Output(as_json)
    with told_plainly(output):
        _show(open_ledger(home_from(home)), rule, version, output)


@app.command("list")
def list_rules(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """List every version of every rule: whose it is, and whether it is in force."""
    output = Output(as_json)
    with told_plainly(output):
        with read(open_ledger(home_from(home)).engine) as connection:
            rows = connection.execute(
                select(rule_version, member.c.slug)
                .join(member, member.c.member == rule_version.c.merchant)
                .order_by(rule_version.c.rule, rule_version.c.version)
            ).all()
            standing = {rule: version_in_force(connection, rule) for rule in {row.rule for row in rows}}
        told = [
            {
                "rule": row.rule,
                "version": row.version,
                "merchant": row.slug,
                "state": _state(row, standing[row.rule]),
            }
            for row in rows
        ]
        output.table(
            "Rules",
            ["rule", "version", "merchant", "state"],
            [[str(value) for value in entry.values()] for entry in told],
            right=(0, 1),
        )
        output.result(told)


def _state(row: Row[Any], standing: Row[Any] | None) -> str:
    if row.adopted_block is None:
        return "waits for signatures"
    return "in force" if standing is not None and standing.version == row.version else "in force before"


def _parsed(data: bytes, source: str) -> list[Any]:
    try:
        legs = json.loads(data)["legs"]
    except json.JSONDecodeError as error:
        raise BadInput(
            f"This is not JSON: {error.msg}.", where=f"{source} line {error.lineno} column {error.colno}"
        ) from None
    except (KeyError, TypeError):
        legs = None
    except (ValueError, RecursionError):
        raise BadInput("This is not JSON in UTF-8.", where=source, hint="Save it as UTF-8.") from None
    if not isinstance(legs, list):
        raise BadInput('A rule is {"legs": [...]}.', where=source)
    return legs


def _leg(connection: Connection, entry: Any, where: str) -> Leg:
    try:
        payee, kind = str(entry["payee"]), LegKind(entry["kind"])
        value, cap, floor = (entry.get(name, 0) for name in ("value", "cap_fen", "floor_fen"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput("A leg names its payee and its kind: fixed, share or residual.", where=where) from None
    if unknown := sorted(set(entry) - {"payee", "kind", "value", "cap_fen", "floor_fen"}):
        hint = "A leg holds payee, kind, value, cap_fen and floor_fen."
        raise BadInput(f"A leg has no {unknown[0]!r}.", where=where, hint=hint)
    if any(type(number) is not int for number in (value, cap, floor)):
        raise BadInput("A leg's value (fen or basis points), cap_fen and floor_fen are whole numbers.", where=where)
    return Leg(member_named(connection, payee, where=where).member, kind, value, cap, floor)


def _with_same_legs(connection: Connection, merchant: int, legs: list[Leg], rule: int) -> tuple[int, int] | None:
    """The newest version of this merchant (of this rule, when it is not 0) that has just these legs and is in force or can
    still be: one that was followed by another, or was proposed on top of one that was, has to be proposed anew."""
    query = select(rule_version).where(rule_version.c.merchant == merchant)
    if rule:
        query = query.where(rule_version.c.rule == rule)
    for row in connection.execute(query.order_by(rule_version.c.rule.desc(), rule_version.c.version.desc())).all():
        standing = version_in_force(connection, row.rule)
        in_force = 0 if standing is None else standing.version
        alive = row.version == in_force if row.adopted_block is not None else row.base == in_force
        if alive and legs_of(connection, row.rule, row.version) == tuple(legs):
            return row.rule, row.version
    return None


def _show(ledger: Ledger, rule: int, version: int, output: Output, *, repeated: bool = False) -> None:
    with read(ledger.engine) as connection:
        row, standing = version_of(connection, rule, version), version_in_force(connection, rule)
        names = {entry.member: entry.slug for entry in connection.execute(select(member.c.member, member.c.slug))}
        legs = legs_of(connection, rule, version)
        signatures = connection.execute(
            select(rule_signature).where(rule_signature.c.rule == rule, rule_signature.c.version == version)
        ).all()
    missing = [names[entry.member] for entry in signatures if entry.signed_block is None]
    state = _state(row, standing) if row.adopted_block is not None else f"waits for {', '.join(missing)}"
    output.say(
        f"Rule {rule} version {version} of {names[row.merchant]}: {state}." + (" Nothing changed." if repeated else "")
    )
    output.table(
        "Legs",
        ["payee", "kind", "value", "cap (fen)", "floor (fen)"],
        [
            [names[leg.payee], leg.kind, str(leg.value), str(leg.cap_fen or ""), str(leg.floor_fen or "")]
            for leg in legs
        ],
        right=(2, 3, 4),
    )
    output.result(
        {
            "rule": rule,
            "version": version,
            "merchant": names[row.merchant],
            "state": state,
            "missing": missing,
            "repeated": repeated,
            "legs": [
                {
                    "payee": names[leg.payee],
                    "kind": leg.kind,
                    "value": leg.value,
                    "cap_fen": leg.cap_fen,
                    "floor_fen": leg.floor_fen,
                }
                for leg in legs
            ],
        }
    )
