"""What has happened: blocks, transactions, receipts and logs, as JSON that was written with the block."""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from ledger.chain.embedded.chain_file import ChainFile, row_id

_NULL = Raw(b"null")


def json_list(items: list[bytes]) -> Raw:
    return Raw(b"[" + b",".join(items) + b"]")


class History:
    """Reads committed rows. What does not exist is JSON null, as nodes answer."""

    def __init__(self, file: ChainFile) -> None:
        self.file = file

    def latest(self) -> int:
        number: int = self.file.query("SELECT max(number) FROM block")[0][0]
        return number

    def number_of(self, block_hash: bytes) -> int | None:
        rows = self.file.query("SELECT number FROM block WHERE hash = ?", (block_hash,))
        return rows[0][0] if rows else None

    def block(self, number: int | None, *, full: bool) -> Raw:
        """With whole transactions, or their hashes."""
        rows = self.file.query("SELECT json FROM block WHERE number = ?", (number,)) if number is not None else []
        if not rows or number is None:
            return _NULL
        if full:
            transactions = [json for (json,) in self._transactions("json", number)]
        else:
            transactions = [b'"0x' + hash_.hex().encode() + b'"' for (hash_,) in self._transactions("hash", number)]
        return Raw(rows[0][0][:-1] + b',"transactions":' + bytes(json_list(transactions)) + b"}")

    def _transactions(self, columns: str, number: int) -> list[Any]:
        between = (row_id(number), row_id(number + 1) - 1)
        return self.file.query(f"SELECT {columns} FROM mined_transaction WHERE id BETWEEN ? AND ? ORDER BY id", between)  # noqa: S608

    def transaction_count(self, number: int | None) -> int | None:
        """None if there is no such block."""
        if number is None or not self.file.query("SELECT 1 FROM block WHERE number = ?", (number,)):
            return None
        return len(self._transactions("id", number))

    def transaction_at(self, number: int | None, position: int) -> Raw:
        if number is None or not 0 <= position < row_id(1):
            return _NULL
        rows = self.file.query("SELECT json FROM mined_transaction WHERE id = ?", (row_id(number, position),))
        return Raw(rows[0][0]) if rows else _NULL

    def transaction(self, hash_: bytes) -> Raw | None:
        rows = self.file.query("SELECT json FROM mined_transaction WHERE hash = ?", (hash_,))
        return Raw(rows[0][0]) if rows else None

    def receipt(self, hash_: bytes) -> Raw:
        rows = self.file.query("SELECT receipt, first_log, end_log FROM mined_transaction WHERE hash = ?", (hash_,))
        return Raw(self._whole_receipt(*rows[0])) if rows else _NULL

    def receipts(self, number: int | None) -> Raw:
        """All of a block; null if there is no such block."""
        if number is None or self.transaction_count(number) is None:
            return _NULL
        return json_list(
            [self._whole_receipt(*row) for row in self._transactions("receipt, first_log, end_log", number)]
        )

    def _whole_receipt(self, receipt: bytes, first_log: int, end_log: int) -> bytes:
        """A receipt with its logs, whose ids are `first_log` up to but without `end_log`."""
        logs = self.file.query("SELECT json FROM log WHERE id >= ? AND id < ? ORDER BY id", (first_log, end_log))
        return receipt[:-1] + b',"logs":' + bytes(json_list([json for (json,) in logs])) + b"}"
