"""A window whose logs are not those of its blocks is not written."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from index_world import Chain, say_again
from lying_client import LyingClient
from sqlalchemy import Engine, func, select

from ledger.chain.client import RawLog
from ledger.errors import BrokenEvidence
from ledger.index import fetch
from ledger.index.digest import digest
from ledger.index.ours import our_indexer
from ledger.store.database import read
from ledger.store.documents import Documents
from ledger.store.schema import raw_block

Change = Callable[[list[RawLog]], list[RawLog]]


def without_one(logs: list[RawLog]) -> list[RawLog]:
    return logs[:-1]


def changed(logs: list[RawLog]) -> list[RawLog]:
    *others, last = logs
    return [*others, msgspec.structs.replace(last, data=last.data[:-1] + ("0" if last.data[-1] != "0" else "1"))]


def twice(logs: list[RawLog]) -> list[RawLog]:
    *others, last = logs
    return [*others, last, msgspec.structs.replace(last, log_index=hex(int(last.log_index, 16) + 1))]


def none_at_all(logs: list[RawLog]) -> list[RawLog]:
    return []


def lying(chain: Chain, change: Change) -> LyingClient:
    client = LyingClient.of(chain.client)
    client.change_logs = change
    return client


@pytest.mark.parametrize("change", [without_one, changed, twice, none_at_all])
def test_live_window_that_its_receipts_do_not_prove_is_not_written(
    engine: Engine, chain: Chain, documents: Documents, change: Change
) -> None:
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    before = digest_of(engine)
    say_again(chain)
    with pytest.raises(BrokenEvidence, match=r"[Bb]lock \d+"):
        our_indexer(engine, lying(chain, change), chain.deployment, documents).sync()
    assert digest_of(engine) == before
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    assert digest_of(engine) != before


def test_silent_block_of_history_whose_bloom_filter_admits_ours_is_looked_at(
    engine: Engine, chain: Chain, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last block of a window of history: its header is known, and a log of ours stands in it."""
    monkeypatch.setattr(fetch, "LIVE_BLOCKS", 0)

    def without_the_last_block(logs: list[RawLog]) -> list[RawLog]:
        return [log for log in logs if log.block_number != logs[-1].block_number]

    say_again(chain)
    with pytest.raises(BrokenEvidence, match="was left out"):
        our_indexer(engine, lying(chain, without_the_last_block), chain.deployment, documents).sync()


def test_live_blocks_are_marked_as_verified(
    engine: Engine, chain: Chain, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "LIVE_BLOCKS", 7)
    our_indexer(engine, chain.client, chain.deployment, documents).sync()
    with read(engine) as connection:
        marked = connection.execute(select(func.count()).where(raw_block.c.verified)).scalar_one()
        last = connection.execute(select(func.max(raw_block.c.number)).where(raw_block.c.verified)).scalar_one()
    assert marked >= 7  # and blocks of history that were looked at
    assert last == chain.client.final_block()


def digest_of(engine: Engine) -> str:
    with read(engine) as connection:
        return digest(connection)
