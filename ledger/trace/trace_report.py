"""A journey as a JSON document (`suyuan trace --json`, `GET /trace`) and as text for a terminal.

The keys are part of the public surface: lot, gtin, lot_key, product, owner, origin_known, recalled, recalls, steps,
findings, inputs, made_into, members. Sentences stand under "zh-CN" and "en"; times are local with their offset,
beside UTC; quantities are decimal text; hashes are hex without 0x, transactions with it.
"""

from __future__ import annotations

from io import StringIO
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from ledger.trace.findings import Finding
from ledger.trace.findings.phrases import goods_as_json
from ledger.trace.journey import Account, Branch, Journey, Step
from ledger.trace.stated import Item, Member, Place, Recall
from ledger.trace.words import amount, number, sensor_unit

_WIDTH = 150


def journey_document(journey: Journey) -> dict[str, Any]:
    """The JSON form of a journey."""
    return {
        "gtin": journey.gtin,
        "lot": journey.lot,
        "lot_key": journey.lot_key,
        "product": journey.product,
        "owner": _member(journey.owner),
        "origin_known": journey.origin_known,
        "recalled": journey.recall is not None,
        "recalls": [_recall(recall) for recall in journey.recalls],
        "steps": [_step(step, place) for place, step in enumerate(journey.steps, start=1)],
        "findings": [_finding(finding) for finding in journey.findings],
        "inputs": [_branch(branch) for branch in journey.inputs],
        "made_into": [_branch(branch) for branch in journey.made_into],
        "members": [_member(member) for member in journey.members],
    }


def _step(step: Step, place: int) -> dict[str, Any]:
    return {
        "number": place,
        "key": step.key,
        "what": step.what.as_json(),
        "event_type": step.event_type,
        "biz_step": step.biz_step,
        "action": step.action,
        "time": {
            "utc": step.when.utc,
            "local": step.when.local,
            "offset": step.when.offset,
            "whole_day": step.when.whole_day,
        },
        "place": _place(step.place),
        "from": [_place(source) for source in step.sources],
        "to": [_place(destination) for destination in step.destinations],
        "goods": goods_as_json(step.goods),
        "aboard": goods_as_json(step.aboard),
        "sensors": [
            {"type": value.type, "value": value.value, "uom": value.uom, "device": value.device_id}
            for value in step.sensors
        ],
        "depth": step.depth,
        "lots": list(step.lots),
        "who": _member(step.who),
        "grade": step.grade.value,
        "said_by": [signer.slug for signer in step.signers],
        "said_of": step.said_of.slug if step.said_of else None,
        "accounts": [_account(account) for account in step.accounts],
        "contradicts": list(step.contradicts),
        "findings": list(step.findings),
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "event_hash": account.event_hash,
        "ni": account.ni,
        "grade": account.grade.value,
        "said_of": account.said_of.slug if account.said_of else None,
        "details": [detail.as_json() for detail in account.details],
        "orders": [{"type": kind, "id": order} for kind, order in account.event.orders],
        "statements": [
            {
                "member": statement.member.slug,
                "name": statement.member.name,
                "at": statement.recorded_at,
                "block": statement.block,
                "transaction": statement.tx_hash,
                "commitment": statement.commitment,
                "salt": statement.salt,
                "event_id": statement.event_id,
                "document": statement.document,
                "position": statement.position,
                "under_grant": statement.grant_hash,
            }
            for statement in account.statements
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "severity": finding.severity.value,
        "title": finding.title.as_json(),
        "sentence": finding.sentence.as_json(),
        "lots": list(finding.lots),
        "events": list(finding.event_hashes),
        "members": [member.slug for member in finding.members],
        "values": finding.values,
    }


def _branch(branch: Branch) -> dict[str, Any]:
    return {
        "gtin": branch.gtin,
        "lot": branch.lot,
        "lot_key": branch.lot_key,
        "name": branch.name,
        "origin_known": branch.origin_known,
        "steps": list(branch.steps),
        "events": list(branch.event_hashes),
        "inputs": [_branch(each) for each in branch.inputs],
    }


def _member(member: Member | None) -> dict[str, Any] | None:
    return {"member": member.member, "slug": member.slug, "name": member.name} if member else None


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {
        "uri": place.uri,
        "gln": place.gln,
        "name": place.name,
        "holder": place.holder.slug if place.holder else None,
    }


def _recall(recall: Recall) -> dict[str, Any]:
    return {
        "by": recall.member.slug,
        "reason": recall.reason,
        "opened_at": recall.opened_at,
        "closed_at": recall.closed_at,
        "block": recall.block,
        "transaction": recall.tx_hash,
    }


def journey_text(journey: Journey) -> str:
    """The journey for a terminal: a table of steps, then the findings in words with the numbers of their steps."""
    out = StringIO()
    console = Console(file=out, width=_WIDTH, highlight=False, color_system=None)
    name = f"{journey.product}, " if journey.product else ""
    console.print(RichText(f"{name}lot {journey.lot} (GTIN {journey.gtin})"))
    if journey.recall:
        console.print(RichText(f"RECALLED by {journey.recall.member.name}: {journey.recall.reason}"))
    table = Table(show_edge=False)
    for column in ("#", "when", "what", "where", "goods", "known", "signed by"):
        table.add_column(column, overflow="fold")
    for place, step in enumerate(journey.steps, start=1):
        table.add_row(*(RichText(cell) for cell in _cells(step, place)))
    console.print(table)
    where = {account.event_hash: place for place, step in enumerate(journey.steps, 1) for account in step.accounts}
    for finding in journey.findings:
        steps = sorted({where[event] for event in finding.event_hashes if event in where})
        marks = " (step " + ", ".join(map(str, steps)) + ")" if steps else ""
        console.print(RichText(f"! {finding.title.en}{marks}: {finding.sentence.en}"))
    if not journey.findings:
        console.print("No contradictions and no gaps were found in these records.")
    return out.getvalue().rstrip("\n")


def _cells(step: Step, place: int) -> list[str]:
    signers = ", ".join(signer.name for signer in step.signers)
    if step.said_of:
        signers += f" (of {step.said_of.name})"
    values = [
        f"{value.type or 'measured'} {number(value.value)} {sensor_unit(value.uom)}".strip() for value in step.sensors
    ]
    site = step.place
    where = site.holder.name if site and site.holder else (site.name or site.uri) if site else ""
    return [
        f"{place}{'!' if step.findings else ''}",
        step.when.words,
        step.what.en,
        where,
        "; ".join([_goods(step), *values]),
        step.grade.name_text.en,
        signers,
    ]


def _goods(step: Step) -> str:
    used = [_one(item) for item in step.goods if item.role == "input"]
    rest = [_one(item) for item in step.goods if item.role != "input"]
    aboard = [_one(item) for item in step.aboard]
    text = ", ".join(rest) + (f" [{', '.join(aboard)}]" if aboard else "")
    return f"{', '.join(used)} -> {text}" if used else text


def _one(item: Item) -> str:
    name = item.lot or item.sscc or item.gtin or item.epc
    return f"{amount(item.quantity, item.uom).en} {name}" if item.quantity is not None else name
