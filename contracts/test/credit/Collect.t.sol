// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Escrow} from "../../src/Escrow.sol";
import {ICredit, IEarnings} from "../../src/interfaces/ICredit.sol";
import {World} from "../support/World.sol";

contract CollectTest is World {
    function test_whatIsEarnedIsAvailableBeforeItIsCollected() public {
        merchantHolds(100);
        assertBalance(MERCHANT, 100, 0);
        vm.assertEq(credit.collectedFen(MERCHANT), 0);
        vm.assertEq(escrow.earnedFen(MERCHANT), 100);
        vm.assertEq(credit.heldFen(address(escrow)), 100);
    }

    function test_anyoneCollectsForAnyone() public {
        merchantHolds(100);
        frozen(MERCHANT);
        vm.prank(stranger);
        credit.collect(MERCHANT);

        assertBalance(MERCHANT, 100, 0);
        vm.assertEq(credit.collectedFen(MERCHANT), 100);
        vm.assertEq(escrow.earnedFen(MERCHANT), 0);
        vm.assertEq(credit.heldFen(address(escrow)), 0);
        vm.assertEq(credit.supplyFen(), 100);
    }

    function test_aRepeatAndAMemberWithoutEarningsChangeNothing() public {
        merchantHolds(100);
        credit.collect(MERCHANT);
        vm.recordLogs();
        credit.collect(MERCHANT);
        credit.collect(NOBODY);
        assertNoLogs();
        assertBalance(MERCHANT, 100, 0);
    }

    function test_fromEveryEscrowContractAlsoARetiredOne() public {
        merchantHolds(100);
        Escrow second = new Escrow(members, rules, credit, tiers, campaigns);
        vm.prank(founder);
        credit.admitEscrow(address(second));
        vm.prank(founder);
        credit.retireEscrow(address(escrow));
        escrow = second;
        merchantHolds(30);

        assertBalance(MERCHANT, 130, 0);
        credit.collect(MERCHANT);
        vm.assertEq(credit.collectedFen(MERCHANT), 130);
        vm.assertEq(credit.escrowedFen(), 0);
    }

    function test_anEscrowContractGivesOnlyToCredit() public {
        merchantHolds(100);
        refuses(abi.encodeWithSelector(IEarnings.NotCredit.selector, accountOf(MERCHANT)));
        by(MERCHANT);
        escrow.giveEarned(MERCHANT);
    }

    function test_anEscrowContractGivesNoMoreThanItHolds() public {
        Generous generous = new Generous();
        vm.prank(founder);
        credit.admitEscrow(address(generous));

        refuses(abi.encodeWithSelector(ICredit.EscrowHoldsLess.selector, address(generous), 0, 1));
        credit.collect(MERCHANT);
    }
}

/// @notice An escrow contract that gives what it has not.
contract Generous {
    function earnedFen(uint32) external pure returns (uint64) {
        return 1;
    }

    function giveEarned(uint32) external pure returns (uint64) {
        return 1;
    }
}
