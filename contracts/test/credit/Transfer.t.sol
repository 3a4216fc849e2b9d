// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {World} from "../support/World.sol";

contract TransferTest is World {
    function test_refusesAStranger() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        credit.transfer(CREATOR, 1, "");
    }

    function test_refusesASuspendedSender() public {
        merchantHolds(100);
        suspended(MERCHANT);
        refusesInactive(MERCHANT);
        by(MERCHANT);
        credit.transfer(CREATOR, 1, "");
    }

    function test_refusesAReceiverThatIsNoActiveMember() public {
        merchantHolds(100);
        refusesUnknown(NOBODY);
        by(MERCHANT);
        credit.transfer(NOBODY, 1, "");

        suspended(CREATOR);
        refusesInactive(CREATOR);
        by(MERCHANT);
        credit.transfer(CREATOR, 1, "");
    }

    function test_refusesNothing() public {
        refuses(ICredit.ZeroAmount.selector);
        by(MERCHANT);
        credit.transfer(CREATOR, 0, "");
    }

    function test_refusesAFrozenSender() public {
        merchantHolds(100);
        frozen(MERCHANT);
        refuses(abi.encodeWithSelector(ICredit.AccountIsFrozen.selector, MERCHANT));
        by(MERCHANT);
        credit.transfer(CREATOR, 1, "");
    }

    function test_refusesMoreThanIsAvailable() public {
        merchantHolds(100);
        refuses(abi.encodeWithSelector(ICredit.NotEnoughCredit.selector, MERCHANT, 100, 101));
        by(MERCHANT);
        credit.transfer(CREATOR, 101, "");
    }

    function test_movesCreditAlsoToAFrozenAccount() public {
        merchantHolds(100);
        frozen(CREATOR);

        vm.expectEmit(address(credit));
        emit ICredit.CreditTransferred(MERCHANT, CREATOR, 30, unicode"五月");
        by(MERCHANT);
        credit.transfer(CREATOR, 30, unicode"五月");

        assertBalance(MERCHANT, 70, 0);
        assertBalance(CREATOR, 30, 0);
        vm.assertEq(credit.supplyFen(), 100);
    }

    function test_toOneselfChangesNoBalance() public {
        merchantHolds(100);
        by(MERCHANT);
        credit.transfer(MERCHANT, 100, "");
        assertBalance(MERCHANT, 100, 0);
    }

    function test_whatIsEarnedIsCollectedFirst() public {
        merchantHolds(100);
        by(MERCHANT);
        credit.transfer(CREATOR, 30, "");
        vm.assertEq(credit.collectedFen(MERCHANT), 70);
        vm.assertEq(escrow.earnedFen(MERCHANT), 0);
        vm.assertEq(credit.escrowedFen(), 0);
    }
}
