// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IRecalls} from "../../src/interfaces/IRecalls.sol";
import {World} from "../support/World.sol";

contract CloseRecallTest is World {
    function openedBy(uint32 member) internal {
        by(member);
        recalls.openRecall(LETTUCE, "L1", "E. coli");
    }

    function test_refusesAStranger() public {
        openedBy(FARM);
        refusesNotMember(stranger);
        vm.prank(stranger);
        recalls.closeRecall(LETTUCE, "L1");
    }

    function test_refusesASuspendedOwner() public {
        openedBy(FARM);
        suspended(FARM);
        refusesInactive(FARM);
        by(FARM);
        recalls.closeRecall(LETTUCE, "L1");
    }

    function test_refusesALotThatIsNotCalledBack() public {
        refuses(abi.encodeWithSelector(IRecalls.NoOpenRecall.selector, LETTUCE, "L1"));
        by(FARM);
        recalls.closeRecall(LETTUCE, "L1");
    }

    function test_refusesTheOwnerWhereARegulatorOpened() public {
        openedBy(REGULATOR);
        refuses(abi.encodeWithSelector(IRecalls.NotEntitled.selector, LETTUCE, FARM));
        by(FARM);
        recalls.closeRecall(LETTUCE, "L1");
    }

    function test_theOwnerClosesItsOwn() public {
        openedBy(FARM);
        vm.expectEmit(address(recalls));
        emit IRecalls.RecallClosed(LETTUCE, FARM, "L1");
        by(FARM);
        recalls.closeRecall(LETTUCE, "L1");

        vm.assertFalse(recalls.isRecalled(LETTUCE, "L1"));
    }

    function test_aRegulatorClosesAny() public {
        openedBy(FARM);
        by(REGULATOR);
        recalls.closeRecall(LETTUCE, "L1");

        vm.assertFalse(recalls.isRecalled(LETTUCE, "L1"));
    }

    function test_aClosedLotMayBeCalledBackAgain() public {
        openedBy(FARM);
        by(FARM);
        recalls.closeRecall(LETTUCE, "L1");

        openedBy(FARM);
        vm.assertTrue(recalls.isRecalled(LETTUCE, "L1"));
    }
}
