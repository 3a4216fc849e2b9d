// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IEscrow, OrderState} from "../../src/interfaces/IEscrow.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract PlaceTest is World {
    uint32 internal rule;

    function setUp() public override {
        super.setUp();
        rule = aRuleInForce(usualLegs());
    }

    function place(IEscrow.OrderTerms memory order) internal {
        placed(order);
    }

    function test_refusesAStranger() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        escrow.place(new IEscrow.OrderTerms[](0));
    }

    function test_refusesASuspendedMerchant() public {
        suspended(MERCHANT);
        refusesInactive(MERCHANT);
        by(MERCHANT);
        escrow.place(new IEscrow.OrderTerms[](0));
    }

    function test_refusesAMemberThatIsNoMerchant() public {
        refusesRole(CREATOR, Role.MERCHANT);
        by(CREATOR);
        escrow.place(new IEscrow.OrderTerms[](0));
    }

    function test_refusesAnOrderWithoutANumber() public {
        refuses(IEscrow.EmptyNumber.selector);
        place(terms("", 1000, rule));
    }

    function test_refusesAnAmountOfNothingOrAboveTheMost() public {
        refuses(abi.encodeWithSelector(IEscrow.BadAmount.selector, "1", 0));
        place(terms("1", 0, rule));

        refuses(abi.encodeWithSelector(IEscrow.BadAmount.selector, "1", 9e14 + 1));
        place(terms("1", 9e14 + 1, rule));
    }

    function test_refusesARuleThatIsUnknownOrNotSigned() public {
        refuses(abi.encodeWithSelector(IEscrow.RuleNotInForce.selector, 77));
        place(terms("1", 1000, 77));

        (uint32 unsigned,) = proposed(0, usualLegs(), none());
        refuses(abi.encodeWithSelector(IEscrow.RuleNotInForce.selector, unsigned));
        place(terms("1", 1000, unsigned));
    }

    function test_refusesAnotherMerchantsRule() public {
        IEscrow.OrderTerms[] memory list = new IEscrow.OrderTerms[](1);
        list[0] = terms("1", 1000, rule);
        refuses(abi.encodeWithSelector(IEscrow.RuleOfAnotherMerchant.selector, rule, OTHER_MERCHANT));
        by(OTHER_MERCHANT);
        escrow.place(list);
    }

    function test_refusesAnOrderSmallerThanItsFixedLegs() public {
        refuses(abi.encodeWithSelector(IEscrow.BelowMinimum.selector, "1", 49, 50));
        place(terms("1", 49, rule));
    }

    function test_refusesACarrierThatIsNone() public {
        IEscrow.OrderTerms memory order = terms("1", 1000, rule);
        order.carrier = NOBODY;
        refusesUnknown(NOBODY);
        place(order);

        order.carrier = CREATOR;
        refusesRole(CREATOR, Role.CARRIER);
        place(order);

        suspended(CARRIER);
        refusesInactive(CARRIER);
        place(terms("1", 1000, rule));
    }

    function test_refusesANumberWithOtherTerms() public {
        bytes32 order = placed(terms("1", 1000, rule));
        bytes memory exists = abi.encodeWithSelector(IEscrow.OrderExists.selector, order);

        refuses(exists);
        place(terms("1", 1001, rule));

        IEscrow.OrderTerms memory byAnother = terms("1", 1000, rule);
        byAnother.carrier = OTHER_CARRIER;
        refuses(exists);
        place(byAnother);

        uint32 otherRule = aRuleInForce(legsOf(residualLeg(MERCHANT)));
        refuses(exists);
        place(terms("1", 1000, otherRule));
    }

    function test_oneBadOrderLeavesNonePlaced() public {
        IEscrow.OrderTerms[] memory list = new IEscrow.OrderTerms[](2);
        (list[0], list[1]) = (terms("1", 1000, rule), terms("2", 0, rule));
        refuses(abi.encodeWithSelector(IEscrow.BadAmount.selector, "2", 0));
        by(MERCHANT);
        escrow.place(list);
        assertState(escrow.orderId(MERCHANT, "1"), OrderState.None);
    }

    function test_placesAnOrderAndTellsAll() public {
        bytes32 order = escrow.orderId(MERCHANT, unicode"订单-1");
        vm.assertEq(order, keccak256(abi.encode(MERCHANT, unicode"订单-1")));

        vm.expectEmit(address(escrow));
        emit IEscrow.OrderPlaced(order, MERCHANT, unicode"订单-1", 50, rule, CARRIER);
        place(terms(unicode"订单-1", 50, rule));

        assertState(order, OrderState.Placed);
        vm.assertEq(credit.supplyFen(), 0);
    }

    function test_placesTheLargestOrder() public {
        assertState(placed(terms("1", 9e14, rule)), OrderState.Placed);
    }

    function test_aRepeatSaysNothingInAnyState() public {
        placed(terms("1", 1000, rule));
        vm.recordLogs();
        place(terms("1", 1000, rule));
        assertNoLogs();

        bytes32 order = aDeliveredOrder("2", 1000, rule);
        escrow.settle(only(order), packed(usualLegs()));
        vm.recordLogs();
        place(terms("2", 1000, rule));
        assertNoLogs();
        assertState(order, OrderState.Settled);
    }
}
