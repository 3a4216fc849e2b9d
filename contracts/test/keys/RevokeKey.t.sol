// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IKeys} from "../../src/interfaces/IKeys.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract RevokeKeyTest is World {
    uint256 internal constant NEW_KEY = 4711;

    function test_refusesAKeyOfNobodyThatWouldRevokeItself() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        members.revokeKey(stranger);
    }

    function test_aRepeatSaysNothing() public {
        operator(FARM, Role.FARM);
        by(FARM);
        members.revokeKey(vm.addr(OPERATOR_KEY));

        vm.recordLogs();
        by(FARM);
        members.revokeKey(vm.addr(OPERATOR_KEY));
        assertNoLogs();
    }

    function test_aFormerAccountMovesNothing() public {
        bytes memory accepted = acceptance(FARM, NEW_KEY);
        by(FARM);
        members.rotateAccount(vm.addr(NEW_KEY), accepted);

        refuses(abi.encodeWithSelector(IKeys.KeyIsRevoked.selector, accountOf(FARM), FARM));
        by(FARM);
        members.rotateAccount(vm.addr(NEW_KEY + 1), accepted);
    }

    function test_refusesToResetTheAccountOfNobody() public {
        refusesUnknown(NOBODY);
        vm.prank(founder);
        members.resetAccount(NOBODY, vm.addr(NEW_KEY), "");
    }

    /// @dev Whoever held the lost account may have set it.
    function test_anOperatorOfBeforeAResetIsNotSetAgain() public {
        operator(FARM, Role.FARM);
        bytes memory accepted = acceptance(FARM, NEW_KEY);
        vm.prank(founder);
        members.resetAccount(FARM, vm.addr(NEW_KEY), accepted);

        refuses(abi.encodeWithSelector(IKeys.KeyIsRevoked.selector, vm.addr(OPERATOR_KEY), FARM));
        vm.prank(vm.addr(NEW_KEY));
        members.setOperator(vm.addr(OPERATOR_KEY), Role.FARM, NOW + 1, "");
    }
}
