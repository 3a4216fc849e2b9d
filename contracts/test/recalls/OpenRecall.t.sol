// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers} from "../../src/interfaces/IMembers.sol";
import {IRecalls} from "../../src/interfaces/IRecalls.sol";
import {World} from "../support/World.sol";

contract OpenRecallTest is World {
    uint64 internal constant UNOWNED = 10614141123459;

    function test_refusesAStranger() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        recalls.openRecall(LETTUCE, "L1", "E. coli");
    }

    function test_refusesASuspendedOwner() public {
        suspended(FARM);
        refusesInactive(FARM);
        by(FARM);
        recalls.openRecall(LETTUCE, "L1", "E. coli");
    }

    function test_refusesAMemberThatNeitherOwnsNorRegulates() public {
        refuses(abi.encodeWithSelector(IRecalls.NotEntitled.selector, LETTUCE, MERCHANT));
        by(MERCHANT);
        recalls.openRecall(LETTUCE, "L1", "competitor");
    }

    function test_refusesAGtinThatIsNone() public {
        refuses(abi.encodeWithSelector(IMembers.BadGtin.selector, LETTUCE + 1));
        by(REGULATOR);
        recalls.openRecall(LETTUCE + 1, "L1", "E. coli");
    }

    function test_refusesALotThatIsNone() public {
        refuses(abi.encodeWithSelector(IRecalls.BadLot.selector, ""));
        by(FARM);
        recalls.openRecall(LETTUCE, "", "E. coli");
    }

    function test_refusesARecallWithoutAReason() public {
        refuses(IRecalls.EmptyReason.selector);
        by(FARM);
        recalls.openRecall(LETTUCE, "L1", "");
    }

    function test_refusesALotThatIsCalledBackAlready() public {
        by(FARM);
        recalls.openRecall(LETTUCE, "L1", "E. coli");

        refuses(abi.encodeWithSelector(IRecalls.RecallIsOpen.selector, LETTUCE, "L1"));
        by(REGULATOR);
        recalls.openRecall(LETTUCE, "L1", "again");
    }

    function test_theOwnerCallsALotBack() public {
        vm.expectEmit(address(recalls));
        emit IRecalls.RecallOpened(LETTUCE, FARM, "L1", unicode"大肠杆菌");
        by(FARM);
        recalls.openRecall(LETTUCE, "L1", unicode"大肠杆菌");

        vm.assertTrue(recalls.isRecalled(LETTUCE, "L1"));
        vm.assertFalse(recalls.isRecalled(LETTUCE, "L2"));
    }

    function test_aRegulatorCallsBackAlsoWhatNobodyOwns() public {
        vm.expectEmit(address(recalls));
        emit IRecalls.RecallOpened(UNOWNED, REGULATOR, "L1", "E. coli");
        by(REGULATOR);
        recalls.openRecall(UNOWNED, "L1", "E. coli");

        vm.assertTrue(recalls.isRecalled(UNOWNED, "L1"));
    }
}
