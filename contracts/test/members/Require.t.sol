// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract RequireTest is World {
    function test_getRefusesAnUnknownMember() public {
        refusesUnknown(0);
        members.get(0);

        refusesUnknown(NOBODY);
        members.get(NOBODY);
    }

    function test_theGovernorIsNoMember() public {
        refusesNotMember(founder);
        members.requireRole(founder, Role.ANY);
    }

    function test_requireRoleRefusesAStrangerASuspendedMemberAndOneWithoutTheRole() public {
        refusesNotMember(stranger);
        members.requireRole(stranger, Role.FARM);

        refusesRole(FARM, Role.BANK);
        members.requireRole(accountOf(FARM), Role.BANK);

        suspended(FARM);
        refusesInactive(FARM);
        members.requireRole(accountOf(FARM), Role.FARM);
    }

    function test_requireMemberRoleRefusesAnUnknownASuspendedMemberAndOneWithoutTheRole() public {
        refusesUnknown(NOBODY);
        members.requireMemberRole(NOBODY, Role.FARM);

        refusesRole(FARM, Role.CARRIER);
        members.requireMemberRole(FARM, Role.CARRIER);

        suspended(FARM);
        refusesInactive(FARM);
        members.requireMemberRole(FARM, Role.FARM);
    }

    function test_oneOfTheRolesIsEnough() public view {
        vm.assertEq(members.requireRole(accountOf(FARM), Role.EVIDENCE), FARM);
        members.requireMemberRole(CARRIER, Role.CARRIER | Role.BANK);
    }
}
