// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IEscrow, OrderState} from "../../src/interfaces/IEscrow.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {IRules, Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

contract DeliverAndSettleTest is World {
    uint32 internal rule;
    bytes32 internal order;

    function setUp() public override {
        super.setUp();
        rule = aRuleInForce(usualLegs());
        order = aPaidOrder("1", 1000, rule);
    }

    function test_refusesAnyoneButTheOrdersCarrier() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));

        refusesRole(MERCHANT, Role.CARRIER);
        by(MERCHANT);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));

        refuses(abi.encodeWithSelector(IEscrow.NotTheOrdersCarrier.selector, order, OTHER_CARRIER));
        by(OTHER_CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));

        suspended(CARRIER);
        refusesInactive(CARRIER);
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));
    }

    function test_refusesWhatDeliverRefuses() public {
        refuses(abi.encodeWithSelector(IEscrow.UnknownOrder.selector, bytes32("other")));
        by(CARRIER);
        escrow.deliverAndSettle(only("other"), "checkpoint", packed(usualLegs()));

        refuses(abi.encodeWithSelector(IEscrow.EvidenceMissing.selector, order));
        by(CARRIER);
        escrow.deliverAndSettle(only(order), 0, packed(usualLegs()));

        bytes32 unpaid = placed(terms("2", 1000, rule));
        refuses(abi.encodeWithSelector(IEscrow.WrongState.selector, unpaid, OrderState.Paid, OrderState.Placed));
        by(CARRIER);
        escrow.deliverAndSettle(only(unpaid), "checkpoint", packed(usualLegs()));
    }

    function test_refusesOtherLegsAndLeavesTheOrderUndelivered() public {
        Leg[] memory others = legsOf(residualLeg(MERCHANT));
        refuses(
            abi.encodeWithSelector(
                IRules.LegsMismatch.selector, keccak256(packed(usualLegs())), keccak256(packed(others))
            )
        );
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(others));
        assertState(order, OrderState.Paid);
    }

    function test_theCreditStandsInTheDeliverysOwnTransaction() public {
        bytes memory parts = abi.encodePacked(uint64(50), uint64(200), uint64(50), uint64(700));

        vm.expectEmit(address(escrow));
        emit IEscrow.OrderDelivered(order, CARRIER, "checkpoint");
        vm.expectEmit(address(escrow));
        emit IEscrow.OrderSettled(order, parts);
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));

        assertState(order, OrderState.Settled);
        assertBalance(MERCHANT, 700, 0);
        vm.assertEq(escrow.earnedFen(MERCHANT), 700);
    }

    function test_settlesWhatWasDeliveredBefore() public {
        by(CARRIER);
        escrow.deliver(only(order), "checkpoint");
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));
        assertState(order, OrderState.Settled);
    }

    function test_passesOverOrdersThatAreSettledAlready() public {
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));
        bytes32 next = aPaidOrder("2", 1000, rule);

        vm.recordLogs();
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));
        assertNoLogs();

        by(CARRIER);
        escrow.deliverAndSettle(pair(order, next), "checkpoint", packed(usualLegs()));
        assertBalance(PLATFORM, 100, 0);
    }

    function test_refusesAnotherRulesOrderAmongOthers() public {
        Leg[] memory others = legsOf(residualLeg(MERCHANT));
        bytes32 another = aPaidOrder("2", 1000, aRuleInForce(others));
        refuses(
            abi.encodeWithSelector(
                IRules.LegsMismatch.selector, keccak256(packed(others)), keccak256(packed(usualLegs()))
            )
        );
        by(CARRIER);
        escrow.deliverAndSettle(pair(order, another), "checkpoint", packed(usualLegs()));
        assertState(order, OrderState.Paid);
    }

    function test_theSameOrderTwiceInOneCallIsSettledOnce() public {
        by(CARRIER);
        escrow.deliverAndSettle(pair(order, order), "checkpoint", packed(usualLegs()));
        assertBalance(MERCHANT, 700, 0);
        assertBalance(PLATFORM, 50, 0);
    }
}
