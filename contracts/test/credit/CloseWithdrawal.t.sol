// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract CloseWithdrawalTest is World {
    function setUp() public override {
        super.setUp();
        merchantHolds(100);
        by(MERCHANT);
        credit.withdraw(60, "w1");
        by(MERCHANT);
        credit.withdraw(10, "w2");
    }

    function ids(uint64 a) internal pure returns (uint64[] memory list) {
        list = new uint64[](1);
        list[0] = a;
    }

    function ids(uint64 a, uint64 b) internal pure returns (uint64[] memory list) {
        list = new uint64[](2);
        (list[0], list[1]) = (a, b);
    }

    function refusesClosed(uint64 withdrawal) internal {
        refuses(abi.encodeWithSelector(ICredit.WithdrawalIsClosed.selector, withdrawal));
    }

    function test_refusesAnyoneButTheBank() public {
        refusesRole(MERCHANT, Role.BANK);
        by(MERCHANT);
        credit.bookWithdrawals(ids(1), "CMB-2");

        refusesRole(MERCHANT, Role.BANK);
        by(MERCHANT);
        credit.returnWithdrawal(1, "wrong account");

        refusesNotMember(stranger);
        vm.prank(stranger);
        credit.bookWithdrawals(ids(1), "CMB-2");

        refusesNotMember(stranger);
        vm.prank(stranger);
        credit.returnWithdrawal(1, "wrong account");
    }

    function test_refusesASuspendedBank() public {
        suspended(BANK);
        refusesInactive(BANK);
        by(BANK);
        credit.bookWithdrawals(ids(1), "CMB-2");

        refusesInactive(BANK);
        by(BANK);
        credit.returnWithdrawal(1, "wrong account");
    }

    function test_refusesAWithdrawalThatDoesNotExist() public {
        refuses(abi.encodeWithSelector(ICredit.UnknownWithdrawal.selector, 3));
        by(BANK);
        credit.bookWithdrawals(ids(3), "CMB-2");

        refuses(abi.encodeWithSelector(ICredit.UnknownWithdrawal.selector, 0));
        by(BANK);
        credit.returnWithdrawal(0, "wrong account");
    }

    function test_refusesAWithdrawalThatIsBookedAlready() public {
        by(BANK);
        credit.bookWithdrawals(ids(1), "CMB-2");

        refusesClosed(1);
        by(BANK);
        credit.bookWithdrawals(ids(1), "CMB-2");
    }

    function test_refusesAWithdrawalThatIsReturnedAlready() public {
        by(BANK);
        credit.returnWithdrawal(1, "wrong account");

        refusesClosed(1);
        by(BANK);
        credit.bookWithdrawals(ids(1), "CMB-2");

        refusesClosed(1);
        by(BANK);
        credit.returnWithdrawal(1, "wrong account");
    }

    function test_refusesToReturnTwiceWhatWasBooked() public {
        by(BANK);
        credit.bookWithdrawals(ids(1), "CMB-2");
        by(BANK);
        credit.returnWithdrawal(1, "account closed");

        refusesClosed(1);
        by(BANK);
        credit.returnWithdrawal(1, "account closed");
        refusesClosed(1);
        by(BANK);
        credit.bookWithdrawals(ids(1), "CMB-2");
        vm.assertEq(credit.supplyFen(), 100);
    }

    function test_refusesTheSameOneTwiceInAListAndBooksNone() public {
        refusesClosed(1);
        by(BANK);
        credit.bookWithdrawals(ids(1, 1), "CMB-2");
        assertBalance(MERCHANT, 30, 70);
    }

    function test_bookingBurnsWhatTheBankPaid() public {
        vm.expectEmit(address(credit));
        emit ICredit.WithdrawalBooked(1, MERCHANT, 60, "CMB-2");
        vm.expectEmit(address(credit));
        emit ICredit.WithdrawalBooked(2, MERCHANT, 10, "CMB-2");
        by(BANK);
        credit.bookWithdrawals(ids(1, 2), "CMB-2");

        assertBalance(MERCHANT, 30, 0);
        vm.assertEq(credit.supplyFen(), 30);
    }

    function test_returningMakesTheAmountAvailableAgain() public {
        vm.expectEmit(address(credit));
        emit ICredit.WithdrawalReturned(1, MERCHANT, 60, false, unicode"账号不存在");
        by(BANK);
        credit.returnWithdrawal(1, unicode"账号不存在");

        assertBalance(MERCHANT, 90, 10);
        vm.assertEq(credit.supplyFen(), 100);
    }

    function test_returningWhatWasBookedMakesItsCreditAgain() public {
        by(BANK);
        credit.bookWithdrawals(ids(1), "CMB-2");
        vm.expectEmit(address(credit));
        emit ICredit.WithdrawalReturned(1, MERCHANT, 60, true, "account closed");
        by(BANK);
        credit.returnWithdrawal(1, "account closed");

        assertBalance(MERCHANT, 90, 10);
        vm.assertEq(credit.supplyFen(), 100);
    }

    function test_theBankClosesAlsoWhatAFrozenMemberWithdrew() public {
        frozen(MERCHANT);
        by(BANK);
        credit.bookWithdrawals(ids(1), "CMB-2");
        assertBalance(MERCHANT, 30, 10);
    }
}
