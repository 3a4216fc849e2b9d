"""What a recall reaches as a JSON document, as text for a terminal and as a table for CSV and XLSX.

Keys of the document: gtin, lot, product, drill, recall, lots, packages, items, at_risk, holders, total. Amounts are lists of
quantity (decimal text) and uom (null counts pieces), as elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from ledger.trace.quantities import Totals, add, as_json, words
from ledger.trace.recall_affected import Affected, Line
from ledger.trace.spreadsheet import Sheet, csv_lines
from ledger.trace.stated import Lot

AMOUNTS = ("held", "on_the_way", "found", "returned", "destroyed", "open")
_PLAIN = re.compile(r"[0-9A-Za-z]+", re.ASCII)
_HEADINGS = (
    "持有方 Holder",
    "名称 Name",
    "GLN",
    "GTIN",
    "批号 Lot",
    "商品 Product",
    "单位 Unit",
    "持有 Held",
    "在途 On the way",
    "已找到 Found",
    "已退回 Returned",
    "已销毁 Destroyed",
    "未收回 Open",
)


def affected_document(affected: Affected) -> dict[str, Any]:
    """The JSON form."""
    facts, recall = affected.facts, affected.recall
    return {
        "gtin": facts.gtin,
        "lot": facts.lot,
        "product": facts.product,
        "drill": recall is None,
        "recall": None
        if recall is None
        else {
            "by": recall.member.slug,
            "reason": recall.reason,
            "opened_at": recall.opened_at,
            "closed_at": recall.closed_at,
            "block": recall.block,
        },
        "lots": [_lot(one) for one in affected.lots],
        "packages": [{"sscc": one.sscc} for one in affected.packages],
        "items": {"count": affected.items},
        "at_risk": [_lot(one) for one in affected.at_risk],
        "holders": [
            {
                "holder": holder.key,
                "name": holder.name,
                "member": holder.member.slug if holder.member else None,
                "gln": holder.gln,
                "lots": [_line(line) for line in affected.lines if line.holder.key == holder.key],
            }
            for holder in affected.holders
        ],
        "total": {name: as_json(total(affected.lines, name)) for name in AMOUNTS},
    }


def affected_text(affected: Affected) -> str:
    """A few lines before the table."""
    facts, recall = affected.facts, affected.recall
    if recall is None:
        head = (
            f"Drill: what a recall of lot {facts.lot} of {facts.gtin} would reach. Nobody is told, nothing is recorded."
        )
    else:
        since = datetime.fromtimestamp(recall.opened_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
        ended = ", closed since" if recall.closed_at is not None else ""
        head = f"Lot {facts.lot} of {facts.gtin}, recalled by {recall.member.name} on {since}{ended}: {recall.reason}"
    reach = f"{len(affected.lots)} lots, {len(affected.packages)} packages and {affected.items:,} items are affected"
    return f"{head}\n{reach}; {len(affected.at_risk)} lots that they were made from are at risk."


def table_rows(affected: Affected) -> list[list[str]]:
    """Holder, lot, then the amounts in words, for a terminal."""
    return [
        [line.holder.name, line.lot.lot_key, *(words(amount(line, name)).en for name in AMOUNTS)]
        for line in affected.lines
    ]


def affected_sheets(affected: Affected) -> list[Sheet]:
    """The list per holder first; then lots, packages, and lots at risk."""
    lots = [[one.gtin, one.lot, one.name, abs(one.depth)] for one in affected.lots]
    risk = [[one.gtin, one.lot, one.name, one.sscc, one.depth] for one in affected.at_risk]
    return [
        holders_sheet(affected),
        Sheet("lots", ("GTIN", "批号 Lot", "商品 Product", "层级 Steps away"), lots),
        Sheet("packages", ("SSCC",), [[one.sscc] for one in affected.packages]),
        Sheet("at risk", ("GTIN", "批号 Lot", "商品 Product", "SSCC", "层级 Steps away"), risk),
    ]


def holders_sheet(affected: Affected) -> Sheet:
    """One row a holder, lot and unit."""
    return Sheet("holders", _HEADINGS, [row for line in affected.lines for row in _rows(line)])


def serials_csv(portions: Iterable[tuple[str, str, Sequence[str]]]) -> Iterator[bytes]:
    """The heading, then a line (gtin, lot, serial) a serial, in pieces to be joined; from `affected_items`."""
    yield b"gtin,lot,serial\r\n"
    for gtin, lot, serials in portions:
        if serials and _PLAIN.fullmatch("".join((gtin, lot, *serials))):  # nothing to quote: a million lines at once
            start = f"{gtin},{lot},"
            yield (start + f"\r\n{start}".join(serials) + "\r\n").encode("ascii")
        else:
            yield b"".join(csv_lines((gtin, lot, serial) for serial in serials))


def amount(line: Line, name: str) -> Totals:
    found: Totals = getattr(line, name)
    return found


def total(lines: Iterable[Line], name: str) -> Totals:
    """The sum over lines, by unit; of several lots only as far as their units are the same."""
    return add(amount(line, name) for line in lines)


def _rows(line: Line) -> list[list[Any]]:
    units = sorted({uom for name in AMOUNTS for uom in amount(line, name)}) or [""]
    lot, holder = line.lot, line.holder
    return [
        [holder.key, holder.name, holder.gln, lot.gtin, lot.lot, lot.name, uom or None]
        + [amount(line, name).get(uom) for name in AMOUNTS]
        for uom in units
    ]


def _line(line: Line) -> dict[str, Any]:
    return {"lot_key": line.lot.lot_key} | {name: as_json(amount(line, name)) for name in AMOUNTS}


def _lot(lot: Lot) -> dict[str, Any]:
    return {
        "lot_key": lot.lot_key,
        "gtin": lot.gtin,
        "lot": lot.lot,
        "sscc": lot.sscc,
        "name": lot.name,
        "depth": lot.depth,
    }
