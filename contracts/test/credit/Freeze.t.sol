// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract FreezeTest is World {
    function test_refusesAnyoneButARegulatorAndTheGovernor() public {
        refusesRole(BANK, Role.REGULATOR);
        by(BANK);
        credit.freeze(MERCHANT, "spite");

        refusesRole(MERCHANT, Role.REGULATOR);
        by(MERCHANT);
        credit.unfreeze(MERCHANT);
    }

    function test_refusesAnUnknownMember() public {
        refusesUnknown(NOBODY);
        vm.prank(founder);
        credit.freeze(NOBODY, "who?");

        refusesUnknown(NOBODY);
        vm.prank(founder);
        credit.unfreeze(NOBODY);
    }

    function test_freezesAndUnfreezes() public {
        merchantHolds(100);
        vm.expectEmit(address(credit));
        emit ICredit.AccountFrozen(MERCHANT, 0, "court order");
        vm.prank(founder);
        credit.freeze(MERCHANT, "court order");

        vm.expectEmit(address(credit));
        emit ICredit.AccountUnfrozen(MERCHANT, 0);
        vm.prank(founder);
        credit.unfreeze(MERCHANT);

        by(MERCHANT);
        credit.withdraw(100, "w1");
        assertBalance(MERCHANT, 0, 100);
    }

    function test_aRepeatSaysNothing() public {
        vm.recordLogs();
        vm.prank(founder);
        credit.unfreeze(MERCHANT);
        assertNoLogs();

        frozen(MERCHANT);
        vm.recordLogs();
        frozen(MERCHANT);
        assertNoLogs();
    }

    function test_aFrozenPayeeIsPaidAndStopsNobody() public {
        uint32 rule = aRuleInForce(usualLegs());
        bytes32 order = aDeliveredOrder("1", 1000, rule);
        frozen(CREATOR);
        escrow.settle(only(order), packed(usualLegs()));

        assertBalance(CREATOR, 200, 0);
        assertBalance(MERCHANT, 700, 0);
    }

    function test_aRegulatorFreezesAndUnfreezesUnderItsOwnNumber() public {
        merchantHolds(100);
        vm.expectEmit(address(credit));
        emit ICredit.AccountFrozen(MERCHANT, REGULATOR, "court order");
        by(REGULATOR);
        credit.freeze(MERCHANT, "court order");

        vm.expectEmit(address(credit));
        emit ICredit.AccountUnfrozen(MERCHANT, REGULATOR);
        by(REGULATOR);
        credit.unfreeze(MERCHANT);
    }
}
