// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers, Role, Standing} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract SuspendTest is World {
    function test_refusesAnyoneButTheGovernor() public {
        refusesAllButGovernor(stranger);
        vm.prank(stranger);
        members.suspend(FARM, "envy");

        refusesAllButGovernor(accountOf(FARM));
        by(FARM);
        members.reinstate(FARM);
    }

    function test_refusesAnUnknownMember() public {
        refusesUnknown(NOBODY);
        vm.prank(founder);
        members.suspend(NOBODY, "who?");

        refusesUnknown(NOBODY);
        vm.prank(founder);
        members.reinstate(NOBODY);
    }

    function test_aSuspendedMemberIsNoActiveMember() public {
        vm.expectEmit(address(members));
        emit IMembers.MemberSuspended(FARM, "under review");
        vm.prank(founder);
        members.suspend(FARM, "under review");

        vm.assertTrue(members.get(FARM).standing == Standing.Suspended);
        refusesInactive(FARM);
        members.requireRole(accountOf(FARM), Role.FARM);
    }

    function test_aReinstatedMemberActsAgain() public {
        suspended(FARM);

        vm.expectEmit(address(members));
        emit IMembers.MemberReinstated(FARM);
        vm.prank(founder);
        members.reinstate(FARM);

        vm.assertEq(members.requireRole(accountOf(FARM), Role.FARM), FARM);
    }

    function test_aRepeatSaysNothing() public {
        vm.recordLogs();
        vm.prank(founder);
        members.reinstate(FARM);
        assertNoLogs();

        suspended(FARM);
        vm.recordLogs();
        suspended(FARM);
        assertNoLogs();
    }
}
