// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICouncil, ProposalState} from "../../src/interfaces/ICouncil.sol";
import {Role, Standing} from "../../src/interfaces/IMembers.sol";
import {CouncilWorld} from "../support/CouncilWorld.sol";

/// @notice Seats, strangers and time do what they can, in any order. What is executed is watched from outside.
contract GovernanceHandler is CouncilWorld {
    uint32[4] internal seatsAtFirst = [FARM, MERCHANT, PLATFORM, BANK];

    /// @notice Executions that should have been refused, by what the handler itself counted.
    uint256 public wrongExecutions;
    mapping(uint64 proposal => mapping(uint32 member => bool)) internal saysYes;
    mapping(uint64 proposal => uint64 at) internal quorumSince;

    constructor() {
        CouncilWorld.setUp();
    }

    function setUp() public override {}

    // --- acts ---

    function pass(uint32 seconds_) external {
        vm.warp(block.timestamp + 1 + seconds_ % 1 days);
    }

    function proposeSuspension(uint256 pick, uint32 member) external {
        uint32 seat = anySeat(pick);
        if (!members.isSeat(seat)) return;
        by(seat);
        uint64 proposal = council.propose(address(members), suspension(1 + member % OTHER_CARRIER), "");
        saysYes[proposal][seat] = true;
        watch(proposal);
    }

    function proposeReinstatement(uint256 pick, uint32 member) external {
        uint32 seat = anySeat(pick);
        if (!members.isSeat(seat)) return;
        by(seat);
        uint64 proposal =
            council.propose(address(members), abi.encodeCall(members.reinstate, (1 + member % OTHER_CARRIER)), "");
        saysYes[proposal][seat] = true;
        watch(proposal);
    }

    function vote(uint256 pick, uint64 pickProposal, bool yes) external {
        uint32 seat = anySeat(pick);
        uint64 proposal = anyProposal(pickProposal);
        if (proposal == 0 || !members.isSeat(seat)) return;
        by(seat);
        (bool done,) = address(council).call(abi.encodeCall(council.vote, (proposal, yes)));
        if (done) saysYes[proposal][seat] = yes;
        watch(proposal);
    }

    function execute(uint64 pickProposal) external {
        uint64 proposal = anyProposal(pickProposal);
        if (proposal == 0) return;
        bool may = hasQuorum(proposal) && quorumSince[proposal] != 0
            && block.timestamp >= quorumSince[proposal] + aConstitution().delaySeconds;
        (bool done,) = address(council).call(abi.encodeCall(council.execute, (proposal)));
        if (done && !may) ++wrongExecutions;
        for (uint64 i = 1; i <= council.count(); ++i) {
            watch(i); // seats may have changed
        }
    }

    function callStop(uint256 pick, uint32 seconds_) external {
        uint32 seat = anySeat(pick);
        if (!members.isSeat(seat)) return;
        by(seat);
        council.callStop(address(statements), statements.record.selector, 1 + seconds_ % 1 days, "");
    }

    /// @dev Nobody but a seat has any power here.
    function intrude(uint8 what, uint32 member) external {
        vm.prank(what % 2 == 0 ? stranger : founder);
        bytes memory data = what % 3 == 0
            ? abi.encodeCall(members.suspend, (1 + member % OTHER_CARRIER, ""))
            : what % 3 == 1
                ? abi.encodeCall(members.setRoles, (1 + member % OTHER_CARRIER, Role.COUNCIL))
                : abi.encodeCall(members.stop, (address(statements), statements.record.selector, NOW + 30 days, ""));
        (bool done,) = address(members).call(data);
        if (done) ++wrongExecutions;
    }

    // --- what the invariants compare ---

    function stopLeft() external view returns (uint256) {
        uint64 until = members.stoppedUntil(address(statements), statements.record.selector);
        return until > block.timestamp ? until - block.timestamp : 0;
    }

    function countedSeats() external view returns (uint32 counted) {
        for (uint32 member = 1; member <= members.count(); ++member) {
            bool sits = members.get(member).standing == Standing.Active;
            if (sits && members.get(member).roles & Role.COUNCIL != 0) ++counted;
        }
    }

    function seats() external view returns (uint32) {
        return members.seats();
    }

    function withdrawalsCanBeStopped() external view returns (bool) {
        return members.isStoppable(credit.withdraw.selector) || members.isStoppable(credit.bookWithdrawals.selector);
    }

    // --- the handler's own count ---

    /// @dev Since when the quorum holds without a break, as far as votes tell.
    function watch(uint64 proposal) private {
        if (!hasQuorum(proposal)) quorumSince[proposal] = 0;
        else if (quorumSince[proposal] == 0) quorumSince[proposal] = uint64(block.timestamp);
    }

    function hasQuorum(uint64 proposal) private view returns (bool) {
        uint256 yes = 0;
        for (uint256 i = 0; i < seatsAtFirst.length; ++i) {
            if (saysYes[proposal][seatsAtFirst[i]] && members.isSeat(seatsAtFirst[i])) ++yes;
        }
        return yes * 3 > uint256(members.seats()) * 2;
    }

    function anySeat(uint256 pick) private view returns (uint32) {
        return seatsAtFirst[pick % 4];
    }

    function anyProposal(uint64 pick) private view returns (uint64) {
        uint64 count = council.count();
        return count == 0 ? 0 : 1 + pick % count;
    }
}
