// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICouncil, ProposalState} from "../../src/interfaces/ICouncil.sol";
import {IMembers, Role, Standing} from "../../src/interfaces/IMembers.sol";
import {CouncilWorld} from "../support/CouncilWorld.sol";

contract ExecuteTest is CouncilWorld {
    function test_refusesWithoutAQuorum() public {
        uint64 proposal = aProposal(address(members), suspension(BANK));
        votes(MERCHANT, proposal, true);
        refusesQuorum(proposal, 2, 3);
        council.execute(proposal);
    }

    function test_refusesBeforeTheDelayIsOver() public {
        uint64 proposal = aPassedProposal(address(members), suspension(BANK));
        vm.warp(NOW + 1 days - 1);
        refuses(abi.encodeWithSelector(ICouncil.TooEarly.selector, proposal, NOW + 1 days, NOW + 1 days - 1));
        council.execute(proposal);
    }

    function test_refusesAfterItsTimeIsOver() public {
        uint64 proposal = aPassedProposal(address(members), suspension(BANK));
        vm.warp(NOW + 4 days + 1);
        refusesClosed(proposal, ProposalState.Lapsed);
        council.execute(proposal);
    }

    function test_refusesASecondTime() public {
        uint64 proposal = aPassedProposal(address(members), suspension(BANK));
        vm.warp(NOW + 1 days);
        council.execute(proposal);
        refusesClosed(proposal, ProposalState.Executed);
        council.execute(proposal);
    }

    function test_refusesWhenASeatThatSaidYesIsGone() public {
        uint64 proposal = aPassedProposal(address(members), suspension(BANK));
        by(PLATFORM);
        members.leave(); // two of three say yes, and three are needed
        vm.warp(NOW + 1 days);
        refusesQuorum(proposal, 2, 3);
        council.execute(proposal);
    }

    function test_passesOnWhatTheTargetRefusesWith() public {
        uint64 proposal = aPassedProposal(address(members), suspension(NOBODY));
        vm.warp(NOW + 1 days);
        refusesUnknown(NOBODY);
        council.execute(proposal);
        assertState(proposal, ProposalState.Passed);
    }

    function test_anyoneMakesTheCallThatPassed() public {
        uint64 proposal = aPassedProposal(address(members), suspension(BANK));
        vm.warp(NOW + 1 days);
        vm.expectEmit(address(council));
        emit ICouncil.ProposalExecuted(proposal);
        vm.expectEmit(address(members));
        emit IMembers.MemberSuspended(BANK, "under review");
        vm.prank(stranger);
        council.execute(proposal);

        vm.assertTrue(members.get(BANK).standing == Standing.Suspended);
        vm.assertEq(members.seats(), 3);
    }
}

contract WithdrawProposalTest is CouncilWorld {
    function test_refusesAnyoneButTheProposer() public {
        uint64 proposal = aProposal(address(members), suspension(BANK));
        refuses(abi.encodeWithSelector(ICouncil.NotTheProposer.selector, proposal, MERCHANT));
        by(MERCHANT);
        council.withdrawProposal(proposal);
    }

    function test_whatIsTakenBackIsNeverExecuted() public {
        uint64 proposal = aPassedProposal(address(members), suspension(BANK));
        vm.expectEmit(address(council));
        emit ICouncil.ProposalWithdrawn(proposal);
        by(FARM);
        council.withdrawProposal(proposal);

        vm.warp(NOW + 1 days);
        refusesClosed(proposal, ProposalState.Withdrawn);
        council.execute(proposal);
    }
}

contract TallyTest is CouncilWorld {
    function test_letsFallWhatLostItsQuorumWithoutAVote() public {
        uint64 proposal = aPassedProposal(address(members), suspension(BANK));
        by(PLATFORM);
        members.leave();
        vm.expectEmit(address(council));
        emit ICouncil.ProposalFell(proposal);
        council.tally(proposal);
    }

    function test_passesWhatFoundItsQuorumWithoutAVote() public {
        uint64 proposal = aProposal(address(members), suspension(CARRIER));
        votes(MERCHANT, proposal, true);
        by(BANK);
        members.leave();
        by(PLATFORM);
        members.leave(); // two of two
        vm.expectEmit(address(council));
        emit ICouncil.ProposalPassed(proposal, NOW + 1 days, NOW + 4 days);
        council.tally(proposal);
    }

    function test_aRepeatSaysNothing() public {
        uint64 proposal = aPassedProposal(address(members), suspension(BANK));
        vm.recordLogs();
        council.tally(proposal);
        assertNoLogs();
    }
}
