// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IEscrow, OrderState} from "../../src/interfaces/IEscrow.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract DeliverTest is World {
    uint32 internal rule;
    bytes32 internal order;

    function setUp() public override {
        super.setUp();
        rule = aRuleInForce(usualLegs());
        order = aPaidOrder("1", 1000, rule);
    }

    function test_refusesAnyoneButACarrier() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        escrow.deliver(only(order), "checkpoint");

        refusesRole(MERCHANT, Role.CARRIER);
        by(MERCHANT);
        escrow.deliver(only(order), "checkpoint");

        suspended(CARRIER);
        refusesInactive(CARRIER);
        by(CARRIER);
        escrow.deliver(only(order), "checkpoint");
    }

    function test_refusesTheCarrierOfOtherOrders() public {
        refuses(abi.encodeWithSelector(IEscrow.NotTheOrdersCarrier.selector, order, OTHER_CARRIER));
        by(OTHER_CARRIER);
        escrow.deliver(only(order), "checkpoint");
    }

    function test_refusesAnUnknownOrder() public {
        refuses(abi.encodeWithSelector(IEscrow.UnknownOrder.selector, bytes32("other")));
        by(CARRIER);
        escrow.deliver(only("other"), "checkpoint");
    }

    function test_refusesADeliveryWithoutEvidence() public {
        refuses(abi.encodeWithSelector(IEscrow.EvidenceMissing.selector, order));
        by(CARRIER);
        escrow.deliver(only(order), 0);
    }

    function test_refusesAnOrderThatIsNotPaid() public {
        bytes32 unpaid = placed(terms("2", 1000, rule));
        refuses(abi.encodeWithSelector(IEscrow.WrongState.selector, unpaid, OrderState.Paid, OrderState.Placed));
        by(CARRIER);
        escrow.deliver(pair(order, unpaid), "checkpoint");
        assertState(order, OrderState.Paid);
    }

    function test_recordsTheDelivery() public {
        vm.expectEmit(address(escrow));
        emit IEscrow.OrderDelivered(order, CARRIER, "checkpoint");
        by(CARRIER);
        escrow.deliver(only(order), "checkpoint");

        assertState(order, OrderState.Delivered);
        vm.assertEq(credit.escrowedFen(), 1000);
    }

    function test_aRepeatSaysNothing() public {
        by(CARRIER);
        escrow.deliver(only(order), "checkpoint");

        vm.recordLogs();
        by(CARRIER);
        escrow.deliver(only(order), "another");
        assertNoLogs();

        escrow.settle(only(order), packed(usualLegs()));
        vm.recordLogs();
        by(CARRIER);
        escrow.deliver(only(order), "another");
        assertNoLogs();
        assertState(order, OrderState.Settled);
    }
}
