// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICouncil, ProposalState} from "../../src/interfaces/ICouncil.sol";
import {IKeys} from "../../src/interfaces/IKeys.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {CouncilWorld} from "../support/CouncilWorld.sol";

contract ProposeTest is CouncilWorld {
    function test_refusesAMemberWithoutASeatAStrangerAndTheFounder() public {
        refusesRole(CARRIER, Role.COUNCIL);
        by(CARRIER);
        council.propose(address(members), suspension(BANK), "");

        refusesNotMember(stranger);
        vm.prank(stranger);
        council.propose(address(members), suspension(BANK), "");

        refusesNotMember(founder);
        vm.prank(founder);
        council.propose(address(members), suspension(BANK), "");
    }

    function test_refusesAnOperatorOfASeat() public {
        operator(MERCHANT, Role.MERCHANT);
        refuses(abi.encodeWithSelector(IKeys.NotTheAccount.selector, vm.addr(OPERATOR_KEY), MERCHANT));
        byOperator();
        council.propose(address(members), suspension(BANK), "");
    }

    function test_refusesATargetWithoutCode() public {
        refuses(abi.encodeWithSelector(ICouncil.NoContract.selector, stranger));
        by(FARM);
        council.propose(stranger, "", "");
    }

    function test_tellsAllAndCountsTheProposersYes() public {
        vm.expectEmit(address(council));
        emit ICouncil.ProposalMade(1, FARM, address(members), suspension(BANK), NOW + 7 days, "because");
        vm.expectEmit(address(council));
        emit ICouncil.VoteCast(1, FARM, true);
        uint64 proposal = aProposal(address(members), suspension(BANK));

        (uint32 yes, uint32 needed) = council.votes(proposal);
        vm.assertEq(yes, 1);
        vm.assertEq(needed, 3);
        assertState(proposal, ProposalState.Voting);
    }
}
