"""Reading orders from a CSV file that a shop or a spreadsheet wrote (RFC 4180).

Columns are found by name, in English or Chinese: the number, the amount in yuan or in fen, the rule and the carrier. A
file may be UTF-8 with or without its mark, or GB18030, as Chinese spreadsheets write it; separated by comma, semicolon
or tab. Pure; whether the rule exists or the number was used before is for `place_orders`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ledger.errors import BadDocument, BadInput
from ledger.settle.money import CNY, parse_amount
from ledger.settle.order_line import OrderLine, check_amount, check_number

Behaviour = Literal["rollback", "proceed"]

MOST_BYTES = 64 * 1024 * 1024

_COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("number", "order", "order_number", "order_no", "order_id", "订单号", "订单编号", "单号"),
    "amount": ("amount", "amount_yuan", "yuan", "金额", "订单金额", "金额(元)", "实付金额"),
    "amount_fen": ("amount_fen", "fen", "金额(分)"),
    "list_amount": ("list_amount", "list_price", "原价", "原价(元)"),
    "campaigns": ("campaigns", "活动", "优惠活动"),
    "rule": ("rule", "规则", "分账规则"),
    "carrier": ("carrier", "承运人", "承运商", "物流"),
    "currency": ("currency", "币种"),
}
_NAMES = {alias: column for column, aliases in _COLUMNS.items() for alias in aliases}
_HINT = (
    "The first line names the columns: number, amount (yuan) or amount_fen, rule, carrier; list_amount and campaigns."
)


@dataclass(frozen=True)
class OrdersFile:
    """The orders in the file's order, each once. `refused` is empty unless the reader was told to proceed."""

    orders: tuple[OrderLine, ...]
    refused: tuple[BadInput, ...]


def read_orders(
    data: bytes, source: str, *, rule: int | None = None, carrier: str | None = None, behaviour: Behaviour = "rollback"
) -> OrdersFile:
    """The orders of a CSV file. `rule` and `carrier` stand in where a line, or the file, names none.

    BadDocument with every faulty line when there is one, unless `behaviour` is "proceed"; BadInput when the file as a
    whole cannot be read.
    """
    rows = _rows(_decode(data, source), source)
    headings = next(rows, (1, list[str]()))[1]
    columns = _columns(headings, source)
    taken: dict[str, OrderLine] = {}
    refused: list[BadInput] = []
    for line, cells in rows:
        try:
            _check_width(cells, headings, f"{source}:{line}")
            order = _order(cells, columns, f"{source}:{line}", rule, carrier)
            before = taken.setdefault(order.number, order)
            if before.terms != order.terms:
                raise BadInput(
                    f"Order {order.number} stands twice with other content, first at {before.where}.",
                    where=order.where,
                    hint="Keep one of them.",
                )
        except BadInput as fault:
            refused.append(fault)
    if refused and behaviour == "rollback":
        count = f"{len(refused)} of its lines are" if len(refused) > 1 else "One of its lines is"
        raise BadDocument(f"{count} faulty; no order was taken.", refused, where=source, hint="Correct them.")
    if not taken and not refused:
        raise BadInput("The file holds no order.", where=source, hint=_HINT)
    return OrdersFile(tuple(taken.values()), tuple(refused))


def _decode(data: bytes, source: str) -> str:
    if len(data) > MOST_BYTES:
        raise BadInput(
            f"The file is too large: {len(data)} bytes, at most {MOST_BYTES}.", where=source, hint="Split it."
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise BadInput("The file is no text in UTF-8 or GB18030.", where=source, hint="Save it as CSV UTF-8.")


def _rows(text: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row that is not empty."""
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=lambda mark: sum(_name(cell) in _NAMES for cell in first.split(mark)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise BadInput(
                f"The file is no CSV: {error}.", where=f"{source}:{line}", hint="Check its quotes."
            ) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]


def _name(cell: str) -> str:
    """A heading as we compare it: lower case, no quotes, one kind of brackets, underscores for spaces."""
    text = cell.strip().strip('"').strip().lower().replace("（", "(").replace("）", ")")
    return re.sub(r"[\s\-]+", "_", text)


def _columns(headings: Sequence[str], source: str) -> dict[str, int]:
    columns: dict[str, int] = {}
    for position, heading in enumerate(headings):
        column = _NAMES.get(_name(heading))
        if column is not None and column in columns:
            raise BadInput(
                f"Two columns give the {column}: {heading!r} is the second.", where=f"{source}:1", hint=_HINT
            )
        if column is not None:
            columns[column] = position
    if "number" not in columns:
        raise BadInput("No column holds the order number.", where=f"{source}:1", hint=_HINT)
    if not {"amount", "amount_fen", "list_amount"} & columns.keys():
        raise BadInput("No column holds the amount.", where=f"{source}:1", hint=_HINT)
    return columns


def _check_width(cells: Sequence[str], headings: Sequence[str], where: str) -> None:
    """An amount written 1,234.50 without quotes is two cells: read as they stand, it would be one yuan."""
    if any(cells[len(headings) :]):
        raise BadInput(
            f"The line has {len(cells)} cells, and the heading {len(headings)}.",
            where=where,
            hint="Put a cell that holds the separator in quotes, and write amounts like 1234.50.",
        )


def _order(
    cells: Sequence[str], columns: dict[str, int], where: str, rule: int | None, carrier: str | None
) -> OrderLine:
    def cell(column: str) -> str:
        position = columns.get(column)
        return cells[position] if position is not None and position < len(cells) else ""

    number = cell("number")
    check_number(number, where=where)
    if cell("currency") not in ("", CNY):
        raise BadInput(f"Order {number} is in {cell('currency')}; orders are in CNY.", where=where)
    campaigns = _campaigns(number, cell("campaigns"), cell("list_amount"), where)
    yuan, fen = cell("amount"), cell("amount_fen")
    said_fen = _amount(number, yuan, fen, where) if campaigns and (yuan or fen) else None
    amount_fen = _amount(number, cell("list_amount"), "", where) if campaigns else _amount(number, yuan, fen, where)
    return OrderLine(
        number,
        amount_fen,
        _rule(number, cell("rule"), rule, where),
        _carrier(number, cell("carrier") or carrier, where),
        where,
        campaigns,
        said_fen,
    )


def _campaigns(number: str, text: str, list_amount: str, where: str) -> tuple[int, ...]:
    """Their numbers in stacking order, like 3+7."""
    if bool(text) != bool(list_amount):
        raise BadInput(
            f"Order {number} has {'campaigns' if text else 'a list price'} and no "
            f"{'list price' if text else 'campaigns'}.",
            where=where,
            hint="A promoted order has both: list_amount in yuan, and campaigns like 3+7.",
        )
    if text and not re.fullmatch(r"[1-9][0-9]{0,8}([+ ]+[1-9][0-9]{0,8})*", text):
        raise BadInput(f"Order {number}: {text!r} names no campaigns.", where=where, hint="Write them like 3+7.")
    return tuple(int(one) for one in re.findall(r"[0-9]+", text))


def _amount(number: str, yuan: str, fen: str, where: str) -> int:
    if not yuan and not fen:
        raise BadInput(f"Order {number} has no amount.", where=where, hint="Give it in yuan, like 29.33.")
    found = set()
    if yuan:
        found.add(_yuan(number, yuan, where))
    if fen:
        if not re.fullmatch(r"-?[0-9]{1,20}", fen):
            raise BadInput(
                f"Order {number}: {fen!r} is no whole number of fen.", where=where, hint="Write it like 2933."
            )
        found.add(int(fen))
    if len(found) > 1:
        raise BadInput(f"Order {number}: its two amounts, {yuan} yuan and {fen} fen, are not the same.", where=where)
    amount_fen = found.pop()
    check_amount(number, amount_fen, where=where)
    return amount_fen


def _yuan(number: str, text: str, where: str) -> int:
    bare = text.removeprefix("¥").removeprefix("￥").strip()
    negative = bare.startswith("-")
    try:
        minor = parse_amount(bare.removeprefix("-"), CNY)
    except BadInput as fault:
        raise BadInput(f"Order {number}: {fault.what}", where=where, hint=fault.hint, number=number) from None
    return -minor if negative else minor


def _rule(number: str, text: str, default: int | None, where: str) -> int:
    if not text and default is not None:
        return default
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        what = "names no rule" if not text else f"names the rule {text!r}, which is no number"
        raise BadInput(f"Order {number} {what}.", where=where, hint="Give the number of one of your rules.")
    return int(text)


def _carrier(number: str, slug: str | None, where: str) -> str:
    if not slug:
        raise BadInput(f"Order {number} names no carrier.", where=where, hint="Give the member that will deliver it.")
    return slug
