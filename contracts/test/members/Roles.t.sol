// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers, Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract RolesOfNoMemberTest is World {
    function test_refusesRolesThatMembersDoNotHave() public {
        refuses(abi.encodeWithSelector(IMembers.BadRoles.selector, Role.FARM | Role.TREASURY));
        vm.prank(founder);
        members.setRoles(FARM, Role.FARM | Role.TREASURY);
    }
}
