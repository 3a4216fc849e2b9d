// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IKeys, KeyKind} from "../../src/interfaces/IKeys.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {World} from "../support/World.sol";

contract SetOperatorTest is World {
    function sets(uint32 member, uint32 roles, uint64 until, bytes memory accepted) internal {
        by(member);
        members.setOperator(vm.addr(OPERATOR_KEY), roles, until, accepted);
    }

    function refusesRevoked() internal {
        refuses(abi.encodeWithSelector(IKeys.KeyIsRevoked.selector, vm.addr(OPERATOR_KEY), FARM));
    }

    function test_refusesNoRoleASeatAndAnEndThatIsPastOrTooFar() public {
        bytes memory accepted = acceptance(FARM, OPERATOR_KEY);
        refuses(abi.encodeWithSelector(IKeys.BadOperatorRoles.selector, 0));
        sets(FARM, 0, NOW + 1, accepted);

        refuses(abi.encodeWithSelector(IKeys.BadOperatorRoles.selector, Role.FARM | Role.COUNCIL));
        sets(FARM, Role.FARM | Role.COUNCIL, NOW + 1, accepted);

        refuses(abi.encodeWithSelector(IKeys.BadUntil.selector, NOW, NOW));
        sets(FARM, Role.FARM, NOW, accepted);

        refuses(abi.encodeWithSelector(IKeys.BadUntil.selector, type(uint64).max, NOW));
        sets(FARM, Role.FARM, type(uint64).max, accepted);
    }

    function test_aKeyNeverActsForTwoMembers() public {
        operator(FARM, Role.FARM);
        bytes memory accepted = acceptance(CARRIER, OPERATOR_KEY);
        refuses(abi.encodeWithSelector(IKeys.AccountTaken.selector, vm.addr(OPERATOR_KEY), FARM));
        sets(CARRIER, Role.CARRIER, NOW + 1, accepted);

        by(FARM);
        members.revokeKey(vm.addr(OPERATOR_KEY));
        refuses(abi.encodeWithSelector(IKeys.AccountTaken.selector, vm.addr(OPERATOR_KEY), FARM));
        sets(CARRIER, Role.CARRIER, NOW + 1, accepted);
    }

    function test_actsForItsMemberWithTheRolesThatBothHave() public {
        operator(FARM, Role.FARM | Role.BANK);
        byOperator();
        statements.record(only("harvest"));
        vm.assertEq(statements.recordedAt(FARM, "harvest"), NOW);

        refusesRole(FARM, Role.BANK);
        byOperator();
        escrow.pay(payment("order", 1));
    }

    function test_endsAfterItsLastSecond() public {
        operator(FARM, Role.FARM);
        vm.warp(NOW + 1 days);
        byOperator();
        statements.record(only("harvest"));

        vm.warp(NOW + 1 days + 1);
        refuses(
            abi.encodeWithSelector(IKeys.KeyHasEnded.selector, vm.addr(OPERATOR_KEY), NOW + 1 days, NOW + 1 days + 1)
        );
        byOperator();
        statements.record(only("more"));
    }

    function test_itsRolesChangeWithoutAnotherAcceptance() public {
        operator(FARM, Role.FARM);
        vm.expectEmit(address(members));
        emit IKeys.OperatorSet(FARM, vm.addr(OPERATOR_KEY), Role.TREASURY, NOW + 2 days);
        sets(FARM, Role.TREASURY, NOW + 2 days, "");

        refusesRole(FARM, Role.EVIDENCE);
        byOperator();
        statements.record(only("harvest"));
    }

    function test_aSuspendedMembersOperatorActsNoMore() public {
        operator(FARM, Role.FARM);
        suspended(FARM);
        refusesInactive(FARM);
        byOperator();
        statements.record(only("harvest"));
    }

    function test_revokingRefusesAnyoneButTheMemberAndTheKeyItself() public {
        operator(FARM, Role.FARM);
        refuses(abi.encodeWithSelector(IKeys.NotOperatorOf.selector, CARRIER, vm.addr(OPERATOR_KEY)));
        by(CARRIER);
        members.revokeKey(vm.addr(OPERATOR_KEY));

        refusesNotMember(stranger);
        vm.prank(stranger);
        members.revokeKey(vm.addr(OPERATOR_KEY));

        refuses(abi.encodeWithSelector(IKeys.NotOperatorOf.selector, FARM, accountOf(FARM)));
        by(FARM);
        members.revokeKey(accountOf(FARM));
    }

    function test_aRevokedKeyNeverComesBack() public {
        operator(FARM, Role.FARM);
        vm.expectEmit(address(members));
        emit IKeys.KeyRevoked(FARM, vm.addr(OPERATOR_KEY));
        byOperator();
        members.revokeKey(vm.addr(OPERATOR_KEY));

        refusesRevoked();
        byOperator();
        statements.record(only("harvest"));
        bytes memory accepted = acceptance(FARM, OPERATOR_KEY);
        refuses(abi.encodeWithSelector(IKeys.AccountTaken.selector, vm.addr(OPERATOR_KEY), FARM));
        sets(FARM, Role.FARM, NOW + 1, accepted);
        vm.assertTrue(members.keyOf(vm.addr(OPERATOR_KEY)).kind == KeyKind.Revoked);
    }
}
