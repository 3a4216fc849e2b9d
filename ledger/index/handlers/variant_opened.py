"""A payment resolved a rule version with steps or nested rules to plain legs that it had not come to before.

They stand among the rule's legs under what orders pin, so that an order's rule and version name the legs that split it."""

from __future__ import annotations

import json

from ledger.index.context import Context
from ledger.index.events import VariantOpened
from ledger.index.rows import Rows
from ledger.index.texts import hex32
from ledger.settle.split import unpack_legs
from ledger.settle.tiers import VARIANT_AT
from ledger.store.schema import rule_leg, rule_variant


def apply(rows: Rows, event: VariantOpened, context: Context) -> None:
    pinned = event.version | event.variant << VARIANT_AT
    row = {
        "rule": event.rule,
        "pinned": pinned,
        "version": event.version,
        "tiers": json.dumps(event.tiers),
        "nested_versions": json.dumps(event.nested_versions),
        "legs_hash": hex32(event.legs_hash),
        "block": context.block,
    }
    rows.insert_once(rule_variant, row)
    legs = [
        {
            "rule": event.rule,
            "version": pinned,
            "leg": number,
            "payee": leg.payee,
            "kind": leg.kind.value,
            "value": leg.value,
            "cap_fen": leg.cap_fen,
            "floor_fen": leg.floor_fen,
            "nested": leg.nested,
        }
        for number, leg in enumerate(unpack_legs(event.legs))
    ]
    rows.insert_once(rule_leg, *legs)
