"""Commands about commission rules: propose, sign, show, list."""

from __future__ import annotations

import json
import time
from dataclasses import replace
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
from ledger.settle.split import LEG_KINDS, Leg
from ledger.settle.tiers import Line, lines_of, told_line
from ledger.store.database import read, write
from ledger.store.schema import member, rule_signature, rule_version

app = typer.Typer(help="Commission rules: who earns what from a sale.", no_args_is_help=True)


@app.command("propose")
def propose(
    file: Annotated[
        Path,
        typer.Argument(
            help='JSON: {"legs": [{"payee": SLUG, "kind": "fixed|share|residual", "value": N, "cap_fen": N, "floor_fen": N, '
            '"steps": [{"from_volume_fen": N, "value": N, "cap_fen": N}], "nested_rule": RULE}]}'
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
                    leg
                    for position, entry in enumerate(raw, start=1)
                    for leg in _line(connection, entry, f"{file}: leg {position}").legs
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


def _line(connection: Connection, entry: Any, where: str) -> Line:
    """A leg with its steps and its nested rule."""
    try:
        payee, kind = str(entry["payee"]), LEG_KINDS[entry["kind"]]
        value, cap, floor = (entry.get(name, 0) for name in ("value", "cap_fen", "floor_fen"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput("A leg names its payee and its kind: fixed, share or residual.", where=where) from None
    if unknown := sorted(set(entry) - {"payee", "kind", "value", "cap_fen", "floor_fen", "steps", "nested_rule"}):
        hint = "A leg holds payee, kind, value, cap_fen, floor_fen, steps and nested_rule."
        raise BadInput(f"A leg has no {unknown[0]!r}.", where=where, hint=hint)
    if any(type(number) is not int for number in (value, cap, floor)):
        raise BadInput("A leg's value (fen or basis points), cap_fen and floor_fen are whole numbers.", where=where)
    nested, steps = entry.get("nested_rule", 0), entry.get("steps", [])
    if type(nested) is not int or nested < 0:
        raise BadInput("nested_rule is the number of a rule of the payee's.", where=where)
    if not isinstance(steps, list):
        raise BadInput('steps are a list: [{"from_volume_fen": N, "value": N, "cap_fen": N}].', where=where)
    line = Line(Leg(member_named(connection, payee, where=where).member, kind, value, cap, floor), nested_rule=nested)
    return replace(
        line, steps=tuple(_step(line, step, f"{where}: step {place}") for place, step in enumerate(steps, start=1))
    )


def _step(line: Line, entry: Any, where: str) -> Leg:
    known = {"from_volume_fen", "value", "cap_fen"}
    if not isinstance(entry, dict) or not known - {"cap_fen"} <= set(entry) <= known:
        raise BadInput("A step holds from_volume_fen, value and, when it has one, cap_fen.", where=where)
    if any(type(number) is not int for number in entry.values()):
        raise BadInput("A step's numbers are whole: fen, and basis points for its value.", where=where)
    return line.step(entry["from_volume_fen"], entry["value"], entry.get("cap_fen", 0))


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
    lines = lines_of(legs)
    output.table(
        "Legs",
        ["payee", "kind", "value", "cap (fen)", "floor (fen)"],
        [
            [names[leg.payee], leg.kind, str(leg.value), str(leg.cap_fen or ""), str(leg.floor_fen or "")]
            for line in lines
            for leg in [line.leg]
        ],
        right=(2, 3, 4),
    )
    for place, line in enumerate(lines, start=1):
        for step in line.steps:
            capped = f", at most {step.cap_fen:,} fen" if step.cap_fen else ""
            output.say(
                f"Leg {place}: {step.value:,} bp{capped} from a volume of {step.floor_fen:,} fen in the last month."
            )
        if line.nested_rule:
            output.say(f"Leg {place} is divided by rule {line.nested_rule}.")
    output.result(
        {
            "rule": rule,
            "version": version,
            "merchant": names[row.merchant],
            "state": state,
            "missing": missing,
            "repeated": repeated,
            "legs": [told_line(line, names) for line in lines],
        }
    )
