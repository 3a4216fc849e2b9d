// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

contract AmpleSharesTest is World {
    /// @dev Shares of the whole and a floor: no amount is ample, and each order is split by itself.
    function test_sharesOfTheWholeWithAFloorPayInABatchWhatTheyPayAlone() public {
        Leg[] memory legs =
            legsOf(flooredLeg(CREATOR, 4_000, 0, 1), shareLeg(PLATFORM, 6_000, 0), residualLeg(MERCHANT));
        uint32 rule = aRuleInForce(legs);
        uint16 count = 40;
        bytes32 batch = aPaidBatch(count, rule);
        settledOf(batch, allOf(count), count, legs);

        uint64[] memory expected = new uint64[](3);
        for (uint256 i = 0; i < count; ++i) {
            uint64[] memory parts = allocated(amountAt(i), legs);
            for (uint256 leg = 0; leg < 3; ++leg) {
                expected[leg] += parts[leg];
            }
        }
        assertBalance(CREATOR, expected[0], 0);
        assertBalance(PLATFORM, expected[1], 0);
        assertBalance(MERCHANT, expected[2], 0);
    }
}
