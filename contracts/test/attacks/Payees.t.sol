// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Leg} from "../../src/interfaces/IRules.sol";
import {IEscrow, OrderState} from "../../src/interfaces/IEscrow.sol";
import {World} from "../support/World.sol";

/// @notice Whatever is called spends all gas and tries to come back in.
contract Grasping {
    IEscrow private immutable _escrow;

    constructor(IEscrow escrow) {
        _escrow = escrow;
    }

    fallback() external payable {
        _escrow.settle(new bytes32[](1), "");
        while (true) {}
    }
}

/// @notice A payee is a number in a book: a settlement, a collection and a refund call no code of any payee's, so there is
///         nothing to re-enter from and no gas for it to waste.
contract PayeesTest is World {
    function test_aPayeeWhoseAccountIsAContractIsCalledByNothing() public {
        uint32 rule = aRuleInForce(usualLegs());
        bytes memory code = address(new Grasping(escrow)).code;
        for (uint32 payee = CARRIER; payee <= PLATFORM; ++payee) {
            vm.etch(accountOf(payee), code);
        }
        bytes32 order = aDeliveredOrder("1", 10_000, rule);
        escrow.settle{gas: 300_000}(only(order), packed(usualLegs()));
        for (uint32 payee = CARRIER; payee <= PLATFORM; ++payee) {
            credit.collect{gas: 200_000}(payee);
            vm.assertTrue(credit.availableFen(payee) > 0);
        }
        refunded(order, 1, 10_000, packed(usualLegs()));
        assertState(order, OrderState.Refunded);
        vm.assertEq(credit.availableFen(CREATOR), 0);
    }

    function test_aRepeatedOrderInOneSettlementIsRefused() public {
        uint32 rule = aRuleInForce(usualLegs());
        bytes32 order = aDeliveredOrder("1", 10_000, rule);
        refuses(abi.encodeWithSelector(IEscrow.WrongState.selector, order, OrderState.Delivered, OrderState.Settled));
        escrow.settle(pair(order, order), packed(usualLegs()));
        vm.assertEq(escrow.earnedFen(CREATOR), 0);
    }

    function test_aBatchWithTheSameAmountTwiceIsTwoOrders() public {
        // An order of a batch is its position: the same cannot come twice. Marked twice it is settled once.
        uint32 rule = aRuleInForce(usualLegs());
        bytes32 batch = aPaidBatch(40, rule);
        bytes memory amounts = amountsOf(40);
        by(CARRIER);
        escrow.settleBatch(batch, allOf(40), amounts, "checkpoint", packed(usualLegs()));
        uint64 once = escrow.earnedFen(CREATOR);
        by(CARRIER);
        escrow.settleBatch(batch, allOf(40), amounts, "checkpoint", packed(usualLegs()));
        vm.assertEq(escrow.earnedFen(CREATOR), once);
    }
}
