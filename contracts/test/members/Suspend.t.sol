// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract SuspendTest is World {
    function test_refusesAnyoneButTheConsortium() public {
        refusesAllButConsortium(stranger);
        vm.prank(stranger);
        members.suspend(FARM, "envy");

        refusesAllButConsortium(accountOf(FARM));
        by(FARM);
        members.reinstate(FARM);
    }

    function test_refusesAnUnknownMember() public {
        refusesUnknown(NOBODY);
        vm.prank(consortium);
        members.suspend(NOBODY, "who?");

        refusesUnknown(NOBODY);
        vm.prank(consortium);
        members.reinstate(NOBODY);
    }

    function test_aSuspendedMemberIsNoActiveMember() public {
        vm.expectEmit(address(members));
        emit IMembers.MemberSuspended(FARM, "under review");
        vm.prank(consortium);
        members.suspend(FARM, "under review");

        vm.assertFalse(members.get(FARM).active);
        refusesInactive(FARM);
        members.requireMember(accountOf(FARM));
    }

    function test_aReinstatedMemberActsAgain() public {
        suspended(FARM);

        vm.expectEmit(address(members));
        emit IMembers.MemberReinstated(FARM);
        vm.prank(consortium);
        members.reinstate(FARM);

        vm.assertEq(members.requireMember(accountOf(FARM)), FARM);
    }

    function test_aRepeatSaysNothing() public {
        vm.recordLogs();
        vm.prank(consortium);
        members.reinstate(FARM);
        assertNoLogs();

        suspended(FARM);
        vm.recordLogs();
        suspended(FARM);
        assertNoLogs();
    }
}
