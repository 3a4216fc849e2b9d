// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Role} from "../../src/interfaces/IMembers.sol";
import {ICouncil, ProposalState} from "../../src/interfaces/ICouncil.sol";
import {World} from "./World.sol";

/// @notice The founding is over: farm, merchant, platform and bank have a seat, so that three of four decide.
abstract contract CouncilWorld is World {
    function setUp() public virtual override {
        super.setUp();
        seat(FARM, Role.FARM);
        seat(MERCHANT, Role.MERCHANT);
        seat(PLATFORM, Role.PLATFORM);
        seat(BANK, Role.BANK);
        vm.prank(founder);
        members.handOver(address(council));
    }

    function seat(uint32 member, uint32 roles) private {
        vm.prank(founder);
        members.setRoles(member, roles | Role.COUNCIL);
    }

    /// @dev The farm proposes, and says yes by that.
    function aProposal(address target, bytes memory data) internal returns (uint64) {
        by(FARM);
        return council.propose(target, data, "because");
    }

    function suspension(uint32 member) internal pure returns (bytes memory) {
        return abi.encodeWithSignature("suspend(uint32,string)", member, "under review");
    }

    function votes(uint32 member, uint64 proposal, bool yes) internal {
        by(member);
        council.vote(proposal, yes);
    }

    /// @dev Three seats say yes; its delay begins now.
    function aPassedProposal(address target, bytes memory data) internal returns (uint64 proposal) {
        proposal = aProposal(target, data);
        votes(MERCHANT, proposal, true);
        votes(PLATFORM, proposal, true);
    }

    /// @dev Passed, waited for, executed.
    function decided(address target, bytes memory data) internal {
        uint64 proposal = aPassedProposal(target, data);
        vm.warp(council.get(proposal).executableFrom);
        council.execute(proposal);
    }

    function refusesClosed(uint64 proposal, ProposalState state) internal {
        refuses(abi.encodeWithSelector(ICouncil.ProposalIsClosed.selector, proposal, state));
    }

    function refusesQuorum(uint64 proposal, uint32 yes, uint32 needed) internal {
        refuses(abi.encodeWithSelector(ICouncil.QuorumMissing.selector, proposal, yes, needed));
    }

    function assertState(uint64 proposal, ProposalState state) internal view {
        vm.assertEq(uint256(council.get(proposal).state), uint256(state));
    }
}
