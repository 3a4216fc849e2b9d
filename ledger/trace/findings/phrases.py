"""The parts that findings' sentences are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.trace.grades import said_of
from ledger.trace.quantities import totals, words
from ledger.trace.stated import Item, Member, Place, StatedEvent
from ledger.trace.words import Text, joined


def members_of(events: Iterable[StatedEvent]) -> tuple[Member, ...]:
    """Who signed any of these events, each once, in the order of the events."""
    found = {statement.member.member: statement.member for event in events for statement in event.statements}
    return tuple(found.values())


def names(members: Sequence[Member]) -> Text:
    return joined([Text(member.name, member.name) for member in members])


def place_name(place: Place | None) -> Text:
    """The member that holds the place, else the place as it is known."""
    if place is None:
        return Text("未说明的地点", "a place not named")
    name = place.holder.name if place.holder else place.name or place.uri
    return Text(name, name)


def says(signers: Sequence[Member], event: StatedEvent) -> Text:
    """ "Packer says", "Distributor says of Packer"."""
    who = names(signers)
    verb = "says" if len(signers) == 1 else "say"
    of = said_of(event)
    if of is None:
        return Text(f"{who.zh_cn}称", f"{who.en} {verb}")
    return Text(f"{who.zh_cn}就{of.name}称", f"{who.en} {verb} of {of.name}")


def lot_name(item: Item) -> Text:
    """ "Lettuce, lot ABC1234", "pallet 0086…"."""
    if item.sscc:
        return Text(f"物流单元 {item.sscc}", f"pallet {item.sscc}")
    product = item.name or (f"GTIN {item.gtin}" if item.gtin else item.epc)
    if item.lot:
        return Text(f"{product}（批次 {item.lot}）", f"{product} (lot {item.lot})")
    return Text(product, product)


def goods_in_words(items: Sequence[Item]) -> Text:
    """ "25,000 lb of Lettuce (lot ABC1234) and 50 cases of Dressing (lot DEF2345)"."""
    parts = []
    for item in items:
        total, name = totals([item]), lot_name(item)
        if item.quantity is None or not total:
            parts.append(name)
            continue
        quantity = words(total)
        parts.append(Text(f"{quantity.zh_cn}{name.zh_cn}", f"{quantity.en} of {name.en}"))
    return joined(parts)


def content_in_words(event: StatedEvent) -> Text:
    """What an event says about goods, in a clause."""
    taken, made = event.items_in("input"), event.items_in("output")
    if taken or made:
        left, right = goods_in_words(taken), goods_in_words(made)
        if not taken:
            return Text(f"产出了{right.zh_cn}", f"{right.en} came out")
        if not made:
            return Text(f"用掉了{left.zh_cn}", f"{left.en} went in")
        return Text(f"{left.zh_cn}加工成{right.zh_cn}", f"{left.en} became {right.en}")
    load, parent = event.items_in("child", "object"), event.items_in("parent")
    named = goods_in_words(load or parent)
    if load and parent:
        on = goods_in_words(parent)
        return Text(f"{named.zh_cn}在{on.zh_cn}上", f"{named.en} on {on.en}")
    return named


def goods_as_json(items: Iterable[Item]) -> list[dict[str, str | None]]:
    return [
        {
            "role": item.role,
            "epc": item.epc,
            "gtin": item.gtin,
            "lot": item.lot,
            "sscc": item.sscc,
            "name": item.name,
            "quantity": item.quantity,
            "uom": item.uom,
        }
        for item in items
    ]


def unique(hashes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hashes))
