// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

/// @dev A shopper's refund of 300 of 1,000 fen is in transit.
abstract contract RefundInTransit is World {
    bytes32 internal order;

    function setUp() public override {
        super.setUp();
        order = aPaidOrder("1", 1000, aRuleInForce(usualLegs()));
        refunded(order, 1, 300, "");
    }

    function book(uint8 number, uint64 amountFen) internal {
        by(BANK);
        credit.bookRefunds(refundPayment(order, number, amountFen), "CMB-7");
    }

    function assertLeft(uint64 supplyFen, uint64 toShoppersFen) internal view {
        vm.assertEq(credit.supplyFen(), supplyFen, "supply");
        vm.assertEq(credit.toShoppersFen(), toShoppersFen, "to shoppers");
    }
}

contract BookRefundsTest is RefundInTransit {
    function test_refusesAnyoneButTheBank() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        credit.bookRefunds(refundPayment(order, 1, 300), "");

        refusesRole(MERCHANT, Role.BANK);
        by(MERCHANT);
        credit.bookRefunds(refundPayment(order, 1, 300), "");
    }

    function test_refusesNothingAndMoreThanIsInTransit() public {
        refuses(ICredit.ZeroAmount.selector);
        book(1, 0);
        refuses(abi.encodeWithSelector(ICredit.NotEnoughInTransit.selector, 300, 301));
        book(1, 301);
    }

    function test_burnsWhatTheBankPaidOnce() public {
        vm.expectEmit(address(credit));
        emit ICredit.RefundBooked(order, 1, 300, "CMB-7");
        book(1, 300);
        assertLeft(700, 0);

        refunded(order, 2, 300, "");
        refuses(abi.encodeWithSelector(ICredit.RefundIsBooked.selector, order, 1));
        book(1, 300);
        book(2, 300);
        assertLeft(400, 0);
    }

    function test_allOrNone() public {
        ICredit.RefundPayment[] memory list = new ICredit.RefundPayment[](2);
        list[0] = refundPayment(order, 1, 300)[0];
        list[1] = list[0];
        refuses(abi.encodeWithSelector(ICredit.RefundIsBooked.selector, order, 1));
        by(BANK);
        credit.bookRefunds(list, "CMB-7");
        assertLeft(1000, 300);
    }
}

contract ReturnRefundTest is RefundInTransit {
    function returned(uint8 number, uint64 amountFen) internal {
        by(BANK);
        credit.returnRefund(refundPayment(order, number, amountFen)[0], "account closed");
    }

    function test_refusesAnyoneButTheBank() public {
        book(1, 300);
        refusesRole(MERCHANT, Role.BANK);
        by(MERCHANT);
        credit.returnRefund(refundPayment(order, 1, 300)[0], "");
    }

    function test_refusesOneThatIsNotBookedOrWithAnotherAmount() public {
        refuses(abi.encodeWithSelector(ICredit.RefundIsNotBooked.selector, order, 1));
        returned(1, 300);
        refuses(abi.encodeWithSelector(ICredit.RefundIsNotBooked.selector, order, 1));
        returned(1, 0);
        book(1, 300);
        refuses(abi.encodeWithSelector(ICredit.RefundIsNotBooked.selector, order, 1));
        returned(1, 299);
    }

    function test_isInTransitAgainAndBookedAnew() public {
        book(1, 300);
        vm.expectEmit(address(credit));
        emit ICredit.RefundReturned(order, 1, 300, "account closed");
        returned(1, 300);
        assertLeft(1000, 300);

        refuses(abi.encodeWithSelector(ICredit.RefundIsNotBooked.selector, order, 1));
        returned(1, 300);
        book(1, 300);
        assertLeft(700, 0);
    }
}
