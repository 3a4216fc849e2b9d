// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "../../src/interfaces/ICredit.sol";
import {World} from "../support/World.sol";

contract FreezeTest is World {
    function test_refusesAnyoneButTheConsortium() public {
        refusesAllButConsortium(accountOf(BANK));
        by(BANK);
        credit.freeze(MERCHANT, "spite");

        refusesAllButConsortium(accountOf(MERCHANT));
        by(MERCHANT);
        credit.unfreeze(MERCHANT);
    }

    function test_refusesAnUnknownMember() public {
        refusesUnknown(NOBODY);
        vm.prank(consortium);
        credit.freeze(NOBODY, "who?");

        refusesUnknown(NOBODY);
        vm.prank(consortium);
        credit.unfreeze(NOBODY);
    }

    function test_freezesAndUnfreezes() public {
        merchantHolds(100);
        vm.expectEmit(address(credit));
        emit ICredit.AccountFrozen(MERCHANT, "court order");
        vm.prank(consortium);
        credit.freeze(MERCHANT, "court order");

        vm.expectEmit(address(credit));
        emit ICredit.AccountUnfrozen(MERCHANT);
        vm.prank(consortium);
        credit.unfreeze(MERCHANT);

        by(MERCHANT);
        credit.withdraw(100, "w1");
        assertBalance(MERCHANT, 0, 100);
    }

    function test_aRepeatSaysNothing() public {
        vm.recordLogs();
        vm.prank(consortium);
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
        escrow.settle(only(order), usualLegs());

        assertBalance(CREATOR, 200, 0);
        assertBalance(MERCHANT, 700, 0);
    }
}
