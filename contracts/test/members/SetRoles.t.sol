// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers, Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract SetRolesTest is World {
    function test_refusesAnyoneButTheConsortium() public {
        refusesAllButConsortium(accountOf(FARM));
        by(FARM);
        members.setRoles(FARM, Role.BANK);
    }

    function test_refusesAnUnknownMember() public {
        refusesUnknown(NOBODY);
        vm.prank(consortium);
        members.setRoles(NOBODY, Role.FARM);

        refusesUnknown(0);
        vm.prank(consortium);
        members.setRoles(0, Role.FARM);
    }

    function test_replacesTheRoles() public {
        vm.expectEmit(address(members));
        emit IMembers.RolesChanged(FARM, Role.COOLER);
        vm.prank(consortium);
        members.setRoles(FARM, Role.COOLER);

        vm.assertEq(members.get(FARM).roles, Role.COOLER);
        refusesRole(FARM, Role.FARM);
        members.requireRole(accountOf(FARM), Role.FARM);
    }

    function test_aRepeatSaysNothing() public {
        vm.recordLogs();
        vm.prank(consortium);
        members.setRoles(FARM, Role.FARM);
        assertNoLogs();
    }
}
