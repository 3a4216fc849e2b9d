"""One member gave credit to another."""

from __future__ import annotations

from ledger.index.double_entry import available_of, book
from ledger.index.events import CreditTransferred
from ledger.index.feed import tell_all
from ledger.index.logs import Logs
from ledger.index.rows import Rows


def append(rows: Rows, logs: Logs[CreditTransferred]) -> None:
    giver, taker, amount_fen = logs.all("from_"), logs.all("to"), logs.all("amount_fen")
    note = logs.all("memo")
    book(rows, logs, "transferred", amount_fen, available_of(giver), available_of(taker), note=note)
    tell_all(rows, logs, member=taker, giver=giver, amount_fen=amount_fen)
