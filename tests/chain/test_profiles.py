"""Engine profiles: what differs between chains, and what a transaction offers on each."""

from __future__ import annotations

import pytest

from ledger.chain.fees import GWEI, Fee
from ledger.chain.profiles import FINALIZED, IBFT, PROFILES, QBFT, Profile, profile_named
from ledger.errors import BadInput


def test_a_name_that_no_profile_has_is_refused_with_those_that_are() -> None:
    with pytest.raises(BadInput, match="embedded, anvil, ibft, qbft, finalized"):
        profile_named("ethereum")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=str)
def test_every_chain_runs_what_the_contracts_are_compiled_for(profile: Profile) -> None:
    assert profile.evm_version == "london"
    assert profile.batch_limit >= 1
    assert profile.log_range >= 1
    assert profile.poll_seconds > 0


def test_the_network_of_ibft_takes_small_batches_and_no_fees() -> None:
    assert (IBFT.batch_limit, IBFT.receipts_in_bulk, IBFT.finality_tag, IBFT.gas_schedule) == (
        20,
        False,
        None,
        "istanbul",
    )
    assert IBFT.fee.fields(base_fee_wei=7) == QBFT.fee.fields() == {"gasPrice": 0}
    assert IBFT.immediate_finality
    assert not FINALIZED.immediate_finality


def test_where_gas_costs_nothing_there_is_nothing_to_outbid_with() -> None:
    assert not IBFT.fee.can_replace(1)


def test_a_replacement_offers_a_tenth_more_on_each_fee_until_the_ceiling() -> None:
    fee = Fee("eip1559", offer_wei=50 * GWEI, tip_wei=1, ceiling_wei=200 * GWEI)
    attempt = 1
    while fee.can_replace(attempt):
        before, after = fee.fields(attempt=attempt - 1), fee.fields(attempt=attempt)
        for name in ("maxFeePerGas", "maxPriorityFeePerGas"):
            assert after[name] * 10 >= before[name] * 11
        attempt += 1
    assert attempt > 4
    assert fee.fields(attempt=100)["maxFeePerGas"] == 200 * GWEI


def test_the_first_offer_leaves_room_for_a_base_fee_that_rises() -> None:
    fee = FINALIZED.fee
    assert fee.fields(base_fee_wei=GWEI) == fee.fields()
    assert fee.fields(base_fee_wei=90 * GWEI)["maxFeePerGas"] == 180 * GWEI
