"""A member's credit moved into a campaign's budget. Told to people as campaign_opened."""

from __future__ import annotations

from itertools import repeat

from ledger.index.double_entry import BUDGET, available_of, book
from ledger.index.events import EscrowFunded
from ledger.index.logs import Logs
from ledger.index.rows import Rows


def append(rows: Rows, logs: Logs[EscrowFunded]) -> None:
    book(rows, logs, "budget_in", logs.all("amount_fen"), available_of(logs.all("member")), repeat(BUDGET))
