"""A merchant proposes a version of a commission rule: its legs, and whose signatures it needs."""

from __future__ import annotations

from ledger.index.context import Context
from ledger.index.events import RuleProposed
from ledger.index.feed import tell
from ledger.index.rows import Rows
from ledger.index.texts import hex32
from ledger.store.schema import rule_leg, rule_signature, rule_version

KINDS = ("fixed", "share", "residual", "step", "nested")  # LegKind of contracts/src/interfaces/IRules.sol


def apply(rows: Rows, event: RuleProposed, context: Context) -> None:
    version = {"rule": event.rule, "version": event.version}
    row = {
        **version,
        "merchant": event.merchant,
        "base": event.base,
        "legs_hash": hex32(event.legs_hash),
        "proposed_block": context.block,
    }
    rows.insert_once(rule_version, row)
    legs = [
        {
            **version,
            "leg": number,
            "payee": leg.payee,
            "kind": KINDS[leg.kind],
            "value": leg.value,
            "cap_fen": leg.cap,
            "floor_fen": leg.floor,
            "nested": False,
        }
        for number, leg in enumerate(event.legs)
    ]
    rows.insert_once(rule_leg, *legs)
    rows.insert_once(rule_signature, *({**version, "member": signer} for signer in event.required))
    tell(
        rows,
        event,
        context,
        member=event.merchant,
        rule=event.rule,
        version=event.version,
        required=event.required,
    )
