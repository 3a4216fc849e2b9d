"""Sums and comparisons of quantities in the units of UN/ECE Recommendation 20. Pure, in decimals.

Pounds and kilograms compare, cases and pounds do not. Where units differ, half a percent is left for rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from ledger.trace.stated import Item
from ledger.trace.words import Text, amount, joined

Totals = dict[str, Decimal]  # by unit code; "" counts pieces

_TO_GRAM = {
    "MGM": Decimal("0.001"),
    "GRM": Decimal(1),
    "KGM": Decimal(1000),
    "TNE": Decimal(1_000_000),
    "ONZ": Decimal("28.349523125"),
    "LBR": Decimal("453.59237"),
    "STN": Decimal("907184.74"),
    "LTN": Decimal("1016046.9088"),
}
_TO_MILLILITRE = {
    "MLT": Decimal(1),
    "CLT": Decimal(10),
    "DLT": Decimal(100),
    "LTR": Decimal(1000),
    "HLT": Decimal(100_000),
    "MTQ": Decimal(1_000_000),
    "GLL": Decimal("3785.411784"),
    "GLI": Decimal("4546.09"),
}
_PIECES = {"": Decimal(1), "EA": Decimal(1), "H87": Decimal(1), "DZN": Decimal(12)}
_SCALES = (_TO_GRAM, _TO_MILLILITRE, _PIECES)
_ROUNDING = Decimal("1.005")


def totals(items: Iterable[Item]) -> Totals:
    """The sum by unit. An item with a serial number counts one piece; a class without a quantity counts nothing."""
    found: Totals = defaultdict(Decimal)
    for item in items:
        if item.quantity is None:
            if item.serial or item.sscc:
                found[""] += 1
            continue
        try:
            found[item.uom or ""] += Decimal(item.quantity)
        except InvalidOperation:
            continue
    return dict(found)


def add(parts: Iterable[Totals]) -> Totals:
    found: Totals = defaultdict(Decimal)
    for part in parts:
        for uom, value in part.items():
            found[uom] += value
    return dict(found)


def excess(more: Totals, less: Totals) -> Totals | None:
    """By how much `more` exceeds `less`, in the unit of `more`. None when it does not, or the two do not compare."""
    if len(more) != 1 or not less:
        return None
    ((uom, value),) = more.items()
    if set(less) == {uom}:
        return {uom: value - less[uom]} if value > less[uom] else None
    for scale in _SCALES:
        if uom in scale and set(less) <= scale.keys():
            other = sum((scale[unit] * part for unit, part in less.items()), Decimal(0)) / scale[uom]
            gap = (value - other).quantize(Decimal("0.01"))
            return {uom: gap} if value > other * _ROUNDING else None
    return None


def smaller(left: Totals, right: Totals) -> Totals:
    """The smaller of two, where they compare; else the left."""
    return right if excess(left, right) else left


def larger(left: Totals, right: Totals) -> Totals:
    """The larger of two, where they compare; else the left."""
    return right if not left or excess(right, left) else left


def words(total: Totals) -> Text:
    """ "25 cases", "25 箱"; several units joined."""
    return joined([amount(value, uom or None) for uom, value in sorted(total.items())])


def as_json(total: Totals) -> list[dict[str, str | None]]:
    return [{"quantity": f"{value:f}", "uom": uom or None} for uom, value in sorted(total.items())]
