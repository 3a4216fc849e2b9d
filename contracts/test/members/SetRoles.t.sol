// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers, Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract SetRolesTest is World {
    function test_refusesAnyoneButTheGovernor() public {
        refusesAllButGovernor(accountOf(FARM));
        by(FARM);
        members.setRoles(FARM, Role.BANK);
    }

    function test_refusesAnUnknownMember() public {
        refusesUnknown(NOBODY);
        vm.prank(founder);
        members.setRoles(NOBODY, Role.FARM);

        refusesUnknown(0);
        vm.prank(founder);
        members.setRoles(0, Role.FARM);
    }

    function test_replacesTheRoles() public {
        vm.expectEmit(address(members));
        emit IMembers.RolesChanged(FARM, Role.COOLER);
        vm.prank(founder);
        members.setRoles(FARM, Role.COOLER);

        vm.assertEq(members.get(FARM).roles, Role.COOLER);
        refusesRole(FARM, Role.FARM);
        members.requireRole(accountOf(FARM), Role.FARM);
    }

    function test_aRepeatSaysNothing() public {
        vm.recordLogs();
        vm.prank(founder);
        members.setRoles(FARM, Role.FARM);
        assertNoLogs();
    }
}
