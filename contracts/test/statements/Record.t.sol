// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Role} from "../../src/interfaces/IMembers.sol";
import {IStatements} from "../../src/interfaces/IStatements.sol";
import {World} from "../support/World.sol";

contract RecordTest is World {
    bytes32 internal constant HARVEST = keccak256("harvest");
    bytes32 internal constant COOLING = keccak256("cooling");

    function test_refusesAStranger() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        statements.record(only(HARVEST));
    }

    function test_refusesASuspendedFarmer() public {
        suspended(FARM);
        refusesInactive(FARM);
        by(FARM);
        statements.record(only(HARVEST));
    }

    function test_refusesAMemberWithoutAnEvidenceRole() public {
        refusesRole(BANK, Role.EVIDENCE);
        by(BANK);
        statements.record(only(HARVEST));
    }

    function test_refusesAnEmptyList() public {
        refuses(IStatements.NothingToRecord.selector);
        by(FARM);
        statements.record(new bytes32[](0));
    }

    function test_recordsEachWithTheBlocksTime() public {
        vm.expectEmit(address(statements));
        emit IStatements.StatementRecorded(HARVEST, FARM, bytes32(0));
        vm.expectEmit(address(statements));
        emit IStatements.StatementRecorded(COOLING, FARM, bytes32(0));
        by(FARM);
        statements.record(pair(HARVEST, COOLING));

        vm.assertEq(statements.recordedAt(FARM, HARVEST), NOW);
        vm.assertEq(statements.recordedAt(FARM, COOLING), NOW);
    }

    function test_aRepeatChangesNothingAndSaysNothing() public {
        by(FARM);
        statements.record(only(HARVEST));

        vm.warp(NOW + 1 days);
        vm.recordLogs();
        by(FARM);
        statements.record(pair(HARVEST, HARVEST));

        assertNoLogs();
        vm.assertEq(statements.recordedAt(FARM, HARVEST), NOW);
    }

    function test_aRepeatWithinOneCallIsRecordedOnce() public {
        vm.recordLogs();
        by(FARM);
        statements.record(pair(HARVEST, HARVEST));
        vm.assertEq(vm.getRecordedLogs().length, 1);
    }

    function test_anotherMembersIsAStatementOfItsOwn() public {
        by(FARM);
        statements.record(only(HARVEST));
        vm.assertEq(statements.recordedAt(CARRIER, HARVEST), 0);

        vm.warp(NOW + 1);
        vm.expectEmit(address(statements));
        emit IStatements.StatementRecorded(HARVEST, CARRIER, bytes32(0));
        by(CARRIER);
        statements.record(only(HARVEST));
        vm.assertEq(statements.recordedAt(CARRIER, HARVEST), NOW + 1);
    }
}
