"""What `ledger.settle` makes of orders is what the shipped contract takes: placed, paid, settled, refunded, taken out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from batch_story import Batch, a_batch, pay_batch, place_batch, refund_batch, settle_batch, take_out
from index_world import NUMBERS, RULE, Chain, a_chain, adopt_rule

from ledger.settle.packed_amounts import marks_of_all
from ledger.settle.split import allocate


@pytest.fixture(scope="module")
def rail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A chain of its own with a rule in force."""
    with a_chain(tmp_path_factory.mktemp("rail") / "chain.sqlite") as chain:
        adopt_rule(chain)
        yield chain


def marks(chain: Chain, batch: Batch) -> list[tuple[int, int]]:
    words = range(len(marks_of_all(batch.count)))
    return [tuple(chain.client.call(chain.deployment, "Escrow", "marksOf", batch.on_chain, word)) for word in words]


def creators(chain: Chain) -> int:
    return int(chain.client.call(chain.deployment, "Credit", "availableFen", NUMBERS["creator"]))


@pytest.mark.parametrize("count", [1, 31, 32, 33, 255, 256, 257])
def test_contract_takes_what_we_make(rail: Chain, count: int) -> None:
    batch = a_batch(f"N{count}-", [200 + 7 * position for position in range(count)])
    before = creators(rail)
    place_batch(rail, batch)
    assert rail.client.call(rail.deployment, "Escrow", "batchId", NUMBERS["merchant"], batch.terms.on_chain) == (
        batch.on_chain
    )
    pay_batch(rail, batch)
    first = [position for position in range(count) if position % 33 == 0]
    settle_batch(rail, batch, *first)
    settle_batch(rail, batch, *range(count))
    assert [settled for settled, _ in marks(rail, batch)] == list(marks_of_all(count))
    assert creators(rail) - before == sum(allocate(fen, RULE)[0] for fen in batch.manifest.amounts_fen)


def test_contract_takes_marks_of_refunds_and_of_what_goes_on_alone(rail: Chain) -> None:
    batch = a_batch("R-", [1_000 + position for position in range(300)])
    place_batch(rail, batch)
    pay_batch(rail, batch)
    settle_batch(rail, batch, 0, 299)
    refund_batch(rail, batch, 0, 5, 64)
    take_out(rail, batch, 40, 299)
    assert [closed for _, closed in marks(rail, batch)] == [1 | 1 << 5 | 1 << 40 | 1 << 64, 1 << 43]
