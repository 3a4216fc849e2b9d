// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICouncil, ProposalState} from "../../src/interfaces/ICouncil.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {CouncilWorld} from "../support/CouncilWorld.sol";

contract VoteTest is CouncilWorld {
    uint64 internal proposal;

    function setUp() public override {
        super.setUp();
        proposal = aProposal(address(members), suspension(BANK));
    }

    function test_refusesAMemberWithoutASeat() public {
        refusesRole(CARRIER, Role.COUNCIL);
        votes(CARRIER, proposal, true);
    }

    function test_refusesAnUnknownProposal() public {
        refuses(abi.encodeWithSelector(ICouncil.UnknownProposal.selector, 2));
        votes(MERCHANT, 2, true);
    }

    function test_refusesAfterTheLastSecondForVotes() public {
        vm.warp(NOW + 7 days);
        votes(MERCHANT, proposal, true);

        vm.warp(NOW + 7 days + 1);
        refusesClosed(proposal, ProposalState.Lapsed);
        votes(PLATFORM, proposal, true);
    }

    function test_twoOfFourDoNotPass() public {
        votes(MERCHANT, proposal, true);
        assertState(proposal, ProposalState.Voting);
    }

    function test_oneSeatCountsOnceHoweverOftenItSaysYes() public {
        votes(FARM, proposal, true);
        votes(MERCHANT, proposal, true);
        votes(MERCHANT, proposal, false);
        votes(MERCHANT, proposal, true);

        (uint32 yes,) = council.votes(proposal);
        vm.assertEq(yes, 2);
    }

    function test_threeOfFourPassAndTheDelayBegins() public {
        votes(MERCHANT, proposal, true);
        vm.warp(NOW + 5);
        vm.expectEmit(address(council));
        emit ICouncil.VoteCast(proposal, PLATFORM, true);
        vm.expectEmit(address(council));
        emit ICouncil.ProposalPassed(proposal, NOW + 5 + 1 days, NOW + 5 + 4 days);
        votes(PLATFORM, proposal, true);

        assertState(proposal, ProposalState.Passed);
    }

    function test_anObjectionInTheDelayLetsItFallAndTheDelayBeginsAnew() public {
        votes(MERCHANT, proposal, true);
        votes(PLATFORM, proposal, true);
        vm.warp(NOW + 20 hours);
        vm.expectEmit(address(council));
        emit ICouncil.ProposalFell(proposal);
        votes(MERCHANT, proposal, false);
        assertState(proposal, ProposalState.Voting);

        vm.warp(NOW + 30 hours);
        votes(MERCHANT, proposal, true);
        vm.assertEq(council.get(proposal).executableFrom, NOW + 30 hours + 1 days);
    }

    function test_whatFellAfterTheTimeForVotesNeverPassesAgain() public {
        votes(MERCHANT, proposal, true);
        vm.warp(NOW + 7 days);
        votes(PLATFORM, proposal, true);
        vm.warp(NOW + 7 days + 1 hours);
        votes(MERCHANT, proposal, false);

        refusesClosed(proposal, ProposalState.Lapsed);
        votes(MERCHANT, proposal, true);
    }

    function test_aRepeatSaysNothing() public {
        vm.recordLogs();
        votes(FARM, proposal, true);
        assertNoLogs();
    }
}
