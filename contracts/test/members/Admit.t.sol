// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Members} from "../../src/Members.sol";
import {IKeys} from "../../src/interfaces/IKeys.sol";
import {IMembers, Role, Standing} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract AdmitTest is World {
    function test_refusesAFounderWithoutAnAccount() public {
        refuses(IKeys.ZeroAccount.selector);
        new Members(address(0));
    }

    function test_refusesAnyoneButTheGovernor() public {
        refusesAllButGovernor(accountOf(FARM));
        by(FARM);
        members.admit(stranger, Role.FARM, "cousin", "Cousin");
    }

    function test_refusesTheZeroAccountWhichABadSignatureWouldRecoverTo() public {
        refuses(IKeys.ZeroAccount.selector);
        vm.prank(founder);
        members.admit(address(0), Role.FARM, "ghost", "Ghost");
    }

    function test_refusesASlugOfNoneOrMoreThan64Bytes() public {
        refuses(abi.encodeWithSelector(IMembers.BadSlug.selector, ""));
        vm.prank(founder);
        members.admit(stranger, Role.FARM, "", "Nameless");

        string memory long = string(new bytes(65));
        refuses(abi.encodeWithSelector(IMembers.BadSlug.selector, long));
        vm.prank(founder);
        members.admit(stranger, Role.FARM, long, "Long");
    }

    function test_refusesAnAccountThatIsAMemberAlready() public {
        refuses(abi.encodeWithSelector(IKeys.AccountTaken.selector, accountOf(FARM), FARM));
        vm.prank(founder);
        members.admit(accountOf(FARM), Role.CARRIER, "second", "Second");
    }

    function test_refusesASlugThatIsTakenAlready() public {
        refuses(abi.encodeWithSelector(IMembers.SlugTaken.selector, "farm", FARM));
        vm.prank(founder);
        members.admit(stranger, Role.FARM, "farm", unicode"另一农场");
    }

    function test_givesTheNextNumberAndTellsAll() public {
        uint32 roles = Role.FARM | Role.PACKER;
        vm.expectEmit(address(members));
        emit IMembers.MemberAdmitted(10, stranger, roles, "new", unicode"新农场");
        vm.prank(founder);
        uint32 member = members.admit(stranger, roles, "new", unicode"新农场");

        vm.assertEq(member, 10);
        vm.assertEq(members.count(), 10);
        IMembers.Member memory admitted = members.get(10);
        vm.assertEq(admitted.account, stranger);
        vm.assertEq(admitted.roles, roles);
        vm.assertTrue(admitted.standing == Standing.Active);
        vm.assertEq(members.requireRole(stranger, Role.PACKER), 10);
    }

    function test_refusesARoleThatNoMemberHolds() public {
        refuses(abi.encodeWithSelector(IMembers.BadRoles.selector, Role.FARM | Role.TREASURY));
        vm.prank(founder);
        members.admit(stranger, Role.FARM | Role.TREASURY, "new", "New");
    }
}
