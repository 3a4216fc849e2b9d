// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

contract RefundAgainTest is World {
    function test_aRepeatWithLegsMovesNothingAndSaysNothing() public {
        Leg[] memory legs = usualLegs();
        uint32 rule = aRuleInForce(legs);
        bytes32 order = aSettledOrder("A-1", 10_000, rule, legs);
        refunded(order, 1, 500, packed(legs));

        vm.recordLogs();
        refunded(order, 1, 500, packed(legs));
        assertNoLogs();
        vm.assertEq(credit.toShoppersFen(), 500);
    }
}
