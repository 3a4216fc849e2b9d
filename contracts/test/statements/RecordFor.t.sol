// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers, Role} from "../../src/interfaces/IMembers.sol";
import {IStatements} from "../../src/interfaces/IStatements.sol";
import {World} from "../support/World.sol";

contract RecordForTest is World {
    bytes32 internal constant HARVEST = keccak256("harvest");

    IMembers.Grant internal grant;
    bytes internal signature;

    function setUp() public override {
        super.setUp();
        grant = aGrant();
        signature = signatureOf(FARM, members.hashGrant(grant));
    }

    function record() internal {
        vm.prank(stranger);
        statements.recordFor(only(HARVEST), grant, signature);
    }

    function test_refusesAnyoneButTheDelegate() public {
        refuses(abi.encodeWithSelector(IMembers.NotDelegate.selector, accountOf(CREATOR), stranger));
        by(CREATOR);
        statements.recordFor(only(HARVEST), grant, signature);
    }

    function test_refusesAGrantForOtherActs() public {
        grant.acts = 2;
        signature = signatureOf(FARM, members.hashGrant(grant));
        refuses(abi.encodeWithSelector(IMembers.ActNotGranted.selector, FARM, 1));
        record();
    }

    function test_refusesAnExpiredGrant() public {
        vm.warp(grant.until + 1);
        refuses(abi.encodeWithSelector(IMembers.GrantExpired.selector, grant.until, grant.until + 1));
        record();
    }

    function test_refusesARevokedGrant() public {
        by(FARM);
        members.revokeGrant(grant);
        refuses(abi.encodeWithSelector(IMembers.GrantIsRevoked.selector, members.hashGrant(grant)));
        record();
    }

    function test_refusesASignatureOfAnotherMember() public {
        signature = signatureOf(CREATOR, members.hashGrant(grant));
        refuses(abi.encodeWithSelector(IMembers.WrongSigner.selector, FARM, accountOf(CREATOR)));
        record();
    }

    function test_refusesASuspendedMembersGrant() public {
        suspended(FARM);
        refusesInactive(FARM);
        record();
    }

    function test_refusesAGrantingMemberWithoutAnEvidenceRole() public {
        grant.member = BANK;
        signature = signatureOf(BANK, members.hashGrant(grant));
        refusesRole(BANK, Role.EVIDENCE);
        record();
    }

    function test_refusesAnEmptyList() public {
        refuses(IStatements.NothingToRecord.selector);
        vm.prank(stranger);
        statements.recordFor(new bytes32[](0), grant, signature);
    }

    function test_recordsForTheGrantingMemberUnderTheGrantsName() public {
        vm.expectEmit(address(statements));
        emit IStatements.StatementRecorded(HARVEST, FARM, members.hashGrant(grant));
        record();

        vm.assertEq(statements.recordedAt(FARM, HARVEST), NOW);
    }

    function test_whatTheMemberSaidItselfIsPassedOver() public {
        by(FARM);
        statements.record(only(HARVEST));

        vm.recordLogs();
        record();
        assertNoLogs();
    }
}
