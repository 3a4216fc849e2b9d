// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {IEscrow, OrderState} from "../../src/interfaces/IEscrow.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

contract PayTest is World {
    uint32 internal rule;
    bytes32 internal order;

    function setUp() public override {
        super.setUp();
        rule = aRuleInForce(usualLegs());
        order = placed(terms("1", 1000, rule));
    }

    function test_refusesAnyoneButTheBank() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        escrow.pay(payment(order, 1000));

        refusesRole(MERCHANT, Role.BANK);
        by(MERCHANT);
        escrow.pay(payment(order, 1000));

        suspended(BANK);
        refusesInactive(BANK);
        by(BANK);
        escrow.pay(payment(order, 1000));
    }

    function test_refusesAnUnknownOrder() public {
        refuses(abi.encodeWithSelector(IEscrow.UnknownOrder.selector, bytes32("other")));
        by(BANK);
        escrow.pay(payment("other", 1000));
    }

    function test_refusesAnotherAmountBeforeAndAfterItIsPaid() public {
        refuses(abi.encodeWithSelector(IEscrow.WrongPayment.selector, order, 1000, 999));
        by(BANK);
        escrow.pay(payment(order, 999));

        by(BANK);
        escrow.pay(payment(order, 1000));
        refuses(abi.encodeWithSelector(IEscrow.WrongPayment.selector, order, 1000, 1001));
        by(BANK);
        escrow.pay(payment(order, 1001));
    }

    function test_refusesAnOrderThatTheVersionNowInForceCannotServe() public {
        Leg[] memory dearer = usualLegs();
        dearer[0].value = 1001;
        proposed(rule, dearer, usualLegs());
        signed(rule, 2, PLATFORM);
        signed(rule, 2, MERCHANT);

        refuses(abi.encodeWithSelector(IEscrow.PaidBelowMinimum.selector, order, 1000, 1001));
        by(BANK);
        escrow.pay(payment(order, 1000));
    }

    function test_mintsHoldsAndPinsTheVersion() public {
        vm.expectEmit(address(escrow));
        emit IEscrow.OrderPaid(order, 1000, rule, 1, keccak256(packed(usualLegs())), "CMB-1");
        vm.expectEmit(address(credit));
        emit ICredit.CreditMinted(order, 1000, "CMB-1");
        by(BANK);
        escrow.pay(payment(order, 1000));

        assertState(order, OrderState.Paid);
        vm.assertEq(credit.supplyFen(), 1000);
        vm.assertEq(credit.escrowedFen(), 1000);
    }

    function test_aRepeatMintsNothing() public {
        by(BANK);
        escrow.pay(payment(order, 1000));

        vm.recordLogs();
        by(BANK);
        escrow.pay(payment(order, 1000));
        assertNoLogs();
        vm.assertEq(credit.supplyFen(), 1000);
    }

    function test_theVersionIsThatOfPayingNotOfPlacing() public {
        Leg[] memory later = usualLegs();
        later[1].value = 2500;
        proposed(rule, later, usualLegs());
        signed(rule, 2, CREATOR);
        signed(rule, 2, MERCHANT);

        vm.expectEmit(address(escrow));
        emit IEscrow.OrderPaid(order, 1000, rule, 2, keccak256(packed(later)), "CMB-1");
        by(BANK);
        escrow.pay(payment(order, 1000));
    }

    function test_theSameOrderTwiceInOneCallMintsOnce() public {
        IEscrow.Payment[] memory list = new IEscrow.Payment[](2);
        list[0] = payment(order, 1000)[0];
        list[1] = list[0];
        by(BANK);
        escrow.pay(list);
        vm.assertEq(credit.supplyFen(), 1000);
    }
}
