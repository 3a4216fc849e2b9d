// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IEscrow, OrderState} from "../../src/interfaces/IEscrow.sol";
import {IRules, Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

contract SettleTest is World {
    uint32 internal rule;

    function setUp() public override {
        super.setUp();
        rule = aRuleInForce(usualLegs());
    }

    function refusesState(bytes32 order, OrderState actual) internal {
        refuses(abi.encodeWithSelector(IEscrow.WrongState.selector, order, OrderState.Delivered, actual));
    }

    function test_refusesAnUnknownOrder() public {
        refuses(abi.encodeWithSelector(IEscrow.UnknownOrder.selector, bytes32("other")));
        escrow.settle(only("other"), packed(usualLegs()));
    }

    function test_refusesWithoutADelivery() public {
        bytes32 unpaid = placed(terms("1", 1000, rule));
        refusesState(unpaid, OrderState.Placed);
        escrow.settle(only(unpaid), packed(usualLegs()));

        bytes32 paid = aPaidOrder("2", 1000, rule);
        refusesState(paid, OrderState.Paid);
        escrow.settle(only(paid), packed(usualLegs()));
    }

    function test_refusesASecondTime() public {
        bytes32 order = aDeliveredOrder("1", 1000, rule);
        escrow.settle(only(order), packed(usualLegs()));

        refusesState(order, OrderState.Settled);
        escrow.settle(only(order), packed(usualLegs()));
    }

    function test_refusesTheSameOrderTwiceInAListAndSettlesNone() public {
        bytes32 order = aDeliveredOrder("1", 1000, rule);
        refusesState(order, OrderState.Settled);
        escrow.settle(pair(order, order), packed(usualLegs()));

        assertState(order, OrderState.Delivered);
        assertBalance(MERCHANT, 0, 0);
    }

    function test_refusesLegsThatAreNotThoseOfThePinnedVersion() public {
        bytes32 order = aDeliveredOrder("1", 1000, rule);
        Leg[] memory greedy = usualLegs();
        greedy[1].value = 9000;
        refuses(
            abi.encodeWithSelector(
                IRules.LegsMismatch.selector, keccak256(packed(usualLegs())), keccak256(packed(greedy))
            )
        );
        escrow.settle(only(order), packed(greedy));
    }

    function test_refusesOrdersOfAnotherRuleAmongOthers() public {
        Leg[] memory others = legsOf(residualLeg(MERCHANT));
        bytes32 one = aDeliveredOrder("1", 1000, rule);
        bytes32 two = aDeliveredOrder("2", 1000, aRuleInForce(others));
        refuses(
            abi.encodeWithSelector(
                IRules.LegsMismatch.selector, keccak256(packed(others)), keccak256(packed(usualLegs()))
            )
        );
        escrow.settle(pair(one, two), packed(usualLegs()));
    }

    function test_anyoneSettlesAndEveryFenIsCredited() public {
        bytes32 order = aDeliveredOrder("1", 999, rule);
        bytes memory parts = abi.encodePacked(uint64(50), uint64(199), uint64(49), uint64(701));

        vm.expectEmit(address(escrow));
        emit IEscrow.OrderSettled(order, parts);
        vm.prank(stranger);
        escrow.settle(only(order), packed(usualLegs()));

        assertState(order, OrderState.Settled);
        assertBalance(PLATFORM, 50, 0);
        assertBalance(CREATOR, 199, 0);
        assertBalance(CARRIER, 49, 0);
        assertBalance(MERCHANT, 701, 0);
        vm.assertEq(credit.escrowedFen(), 999); // until they collect it
        vm.assertEq(credit.supplyFen(), 999);
    }

    function test_aLegThatGetsNothingIsNotCredited() public {
        bytes32 order = aDeliveredOrder("1", 50, rule); // platform 50; creator 10, carrier 2 and merchant find nothing left
        escrow.settle(only(order), packed(usualLegs()));

        assertBalance(PLATFORM, 50, 0);
        assertBalance(CREATOR, 0, 0);
    }

    function test_settlesManyOrdersAtOnce() public {
        bytes32 one = aDeliveredOrder("1", 1000, rule);
        bytes32 two = aDeliveredOrder("2", 10_000, rule);
        escrow.settle(pair(one, two), packed(usualLegs()));

        assertBalance(PLATFORM, 100, 0);
        assertBalance(CREATOR, 2200, 0);
        assertBalance(CARRIER, 350, 0); // 50 and the cap of 300
        assertBalance(MERCHANT, 8350, 0);
    }

    function test_anOrderSettlesUnderItsPinnedVersionAfterTheRuleChanged() public {
        bytes32 order = aDeliveredOrder("1", 1000, rule);
        Leg[] memory later = usualLegs();
        later[1].value = 2500;
        proposed(rule, later, usualLegs());
        signed(rule, 2, CREATOR);
        signed(rule, 2, MERCHANT);

        escrow.settle(only(order), packed(usualLegs()));
        assertBalance(CREATOR, 200, 0);
    }

    function test_aPayeeOfSeveralLegsGetsAll() public {
        Leg[] memory legs = legsOf(fixedLeg(CREATOR, 10), residualLeg(MERCHANT), shareLeg(CREATOR, 1000, 0));
        bytes32 order = aDeliveredOrder("1", 1000, aRuleInForce(legs));
        escrow.settle(only(order), packed(legs));

        assertBalance(CREATOR, 110, 0);
        assertBalance(MERCHANT, 890, 0);
    }
}
