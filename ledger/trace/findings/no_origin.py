"""A lot that nobody recorded as made: the trail ends there, and the page says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ledger.trace.findings.finding import Finding, Kind, Severity
from ledger.trace.findings.phrases import goods_in_words, lot_name, members_of, unique
from ledger.trace.stated import Item, LotFacts, StatedEvent
from ledger.trace.words import Text


def no_origin(facts: LotFacts) -> Iterator[Finding]:
    """One finding a lot (serial numbers without a lot: one a product): of the lot itself, of what went into it, and of
    what stood on the same pallet. A class of goods without lot or serial number has no origin to record.

    values: gtin, lot, lot_key, relation (itself, input, same_pallet), quantity, uom.
    """
    depths = {lot.lot_key: lot.depth for lot in facts.lots}
    named: dict[tuple[str, str, str], list[tuple[StatedEvent, Item]]] = defaultdict(list)
    for event in facts.history:
        for item in event.items:
            if item.gtin and (item.lot or item.serial) and item.lot_key not in facts.created:
                relation = _relation(item, depths)
                if relation:
                    named[(relation, item.gtin, item.lot or "")].append((event, item))
    # What the story rests on first, the neighbours on a pallet last.
    order = {"itself": 0, "input": 1, "same_pallet": 2}
    for (relation, _, _), mentions in sorted(named.items(), key=lambda entry: order[entry[0][0]]):
        yield _finding(relation, mentions)


def _relation(item: Item, depths: dict[str, int]) -> str | None:
    depth = depths.get(item.lot_key)
    if depth == 0:
        return "itself"
    if depth is not None:
        return "input" if depth > 0 else None
    return "same_pallet" if item.role == "child" else None


def _finding(relation: str, mentions: list[tuple[StatedEvent, Item]]) -> Finding:
    mentions = sorted(mentions, key=lambda mention: mention[1].role != "input")  # what was used comes first
    events, items = [event for event, _ in mentions], [item for _, item in mentions]
    event, item = mentions[0]
    return Finding(
        kind=Kind.NO_ORIGIN,
        severity=Severity.GAP,
        title=Text("来源没有记录", "Origin not recorded"),
        sentence=_sentence(relation, event, item),
        lots=unique(item.lot_key for item in items),
        event_hashes=unique(event.event_hash for event in events),
        members=members_of(events),
        values={
            "gtin": item.gtin,
            "lot": item.lot,
            "lot_key": item.lot_key,
            "relation": relation,
            "quantity": item.quantity,
            "uom": item.uom,
        },
    )


def _sentence(relation: str, event: StatedEvent, item: Item) -> Text:
    goods, name = goods_in_words([item]), lot_name(item)
    if relation == "itself":
        return Text(
            f"{name.zh_cn}：没有任何记录说明它在哪里、由谁产出。",
            f"{name.en}: nobody recorded where and by whom it was made.",
        )
    if relation == "same_pallet":
        pallet = goods_in_words(event.items_in("parent"))
        return Text(
            f"{goods.zh_cn}与这批货同在{pallet.zh_cn}上，但没有任何记录说明它从哪里来。",
            f"{goods.en} stood on the same {pallet.en}; nobody recorded where it comes from.",
        )
    made = goods_in_words(event.items_in("output"))
    if item.role == "input" and event.items_in("output"):
        return Text(
            f"{goods.zh_cn}用于制作{made.zh_cn}，但没有任何记录说明它从哪里来。",
            f"{goods.en} went into {made.en}; nobody recorded where it comes from.",
        )
    return Text(
        f"{name.zh_cn}是这批货的原料，但没有任何记录说明它从哪里来。",
        f"{name.en} is part of this product; nobody recorded where it comes from.",
    )
