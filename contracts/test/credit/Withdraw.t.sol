// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract WithdrawTest is World {
    function test_refusesAStranger() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        credit.withdraw(1, "w1");
    }

    function test_aSuspendedAndAnExpelledMemberTakeOutWhatTheyEarned() public {
        merchantHolds(100);
        suspended(MERCHANT);
        by(MERCHANT);
        credit.withdraw(40, "w1");

        vm.prank(founder);
        members.expel(MERCHANT, "fraud");
        by(MERCHANT);
        credit.withdraw(60, "w2");
        assertBalance(MERCHANT, 0, 100);
    }

    function test_refusesAnOperatorWithoutTheTreasury() public {
        merchantHolds(100);
        operator(MERCHANT, Role.MERCHANT);

        refusesRole(MERCHANT, Role.TREASURY);
        byOperator();
        credit.withdraw(100, "w1");
    }

    function test_anOperatorWithTheTreasuryWithdrawsForItsMember() public {
        merchantHolds(100);
        operator(MERCHANT, Role.TREASURY);

        byOperator();
        credit.withdraw(100, "w1");
        assertBalance(MERCHANT, 0, 100);
    }

    function test_refusesNothing() public {
        refuses(ICredit.ZeroAmount.selector);
        by(MERCHANT);
        credit.withdraw(0, "w1");
    }

    function test_refusesAFrozenMember() public {
        merchantHolds(100);
        frozen(MERCHANT);
        refuses(abi.encodeWithSelector(ICredit.AccountIsFrozen.selector, MERCHANT));
        by(MERCHANT);
        credit.withdraw(1, "w1");
    }

    function test_refusesMoreThanIsAvailable() public {
        merchantHolds(100);
        refuses(abi.encodeWithSelector(ICredit.NotEnoughCredit.selector, MERCHANT, 100, 101));
        by(MERCHANT);
        credit.withdraw(101, "w1");
    }

    function test_refusesAReferenceWithAnotherAmount() public {
        merchantHolds(100);
        by(MERCHANT);
        credit.withdraw(60, "w1");

        refuses(abi.encodeWithSelector(ICredit.ReferenceReused.selector, MERCHANT, bytes32("w1")));
        by(MERCHANT);
        credit.withdraw(40, "w1");
    }

    function test_movesFromAvailableToInTransit() public {
        merchantHolds(100);
        vm.expectEmit(address(credit));
        emit ICredit.WithdrawalRequested(1, MERCHANT, 60);
        by(MERCHANT);
        uint64 withdrawal = credit.withdraw(60, "w1");

        vm.assertEq(withdrawal, 1);
        assertBalance(MERCHANT, 40, 60);
        vm.assertEq(credit.supplyFen(), 100);
    }

    function test_aRepeatGivesTheSameNumberAndChangesNothing() public {
        merchantHolds(100);
        by(MERCHANT);
        credit.withdraw(60, "w1");

        vm.recordLogs();
        by(MERCHANT);
        uint64 again = credit.withdraw(60, "w1");

        assertNoLogs();
        vm.assertEq(again, 1);
        assertBalance(MERCHANT, 40, 60);
    }

    function test_anotherMembersSameReferenceIsAnotherWithdrawal() public {
        merchantHolds(100);
        by(MERCHANT);
        credit.transfer(CREATOR, 50, "");
        by(MERCHANT);
        uint64 first = credit.withdraw(50, "w1");
        by(CREATOR);
        uint64 second = credit.withdraw(50, "w1");

        vm.assertTrue(first != second);
    }

    function test_whatIsEarnedIsCollectedFirst() public {
        merchantHolds(100);
        by(MERCHANT);
        credit.withdraw(30, "w1");
        vm.assertEq(credit.collectedFen(MERCHANT), 70);
        vm.assertEq(escrow.earnedFen(MERCHANT), 0);
    }
}
