// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Constitution, ICouncil, ProposalState} from "./interfaces/ICouncil.sol";
import {IMembers} from "./interfaces/IMembers.sol";
import {IStops} from "./interfaces/IStops.sol";

/// @title Council
/// @notice See ICouncil.
contract Council is ICouncil {
    uint256 private constant WHOLE_BPS = 10_000;
    uint64 private constant LEAST_SECONDS = 1 hours;
    uint64 private constant MOST_SECONDS = 90 days;
    uint64 private constant MOST_STOP_SECONDS = 30 days; // as IStops
    uint32 private constant MOST_SEATS = 1000;

    /// @dev What a seat asked for in an emergency, and when.
    struct Call {
        uint32 member;
        uint64 at;
        uint64 duration;
    }

    IMembers public immutable members;

    /// @inheritdoc ICouncil
    uint64 public count;
    Constitution private _constitution;

    mapping(uint64 proposal => Proposal) private _proposals;
    /// @dev Who ever said yes, each once; whether it still does stands in _saysYes.
    mapping(uint64 proposal => uint32[] member) private _supporters;
    mapping(uint64 proposal => mapping(uint32 member => Ballot)) private _ballots;
    mapping(address target => mapping(bytes4 selector => Call[])) private _stopCalls;
    mapping(address target => mapping(bytes4 selector => mapping(uint64 until => Call[]))) private _liftCalls;

    enum Ballot {
        None,
        Yes,
        No, // and never a yes
        NoMore // a no after a yes
    }

    constructor(IMembers members_, Constitution memory constitution_) {
        members = members_;
        _setConstitution(constitution_);
    }

    // --- a seat's acts ---

    /// @inheritdoc ICouncil
    function propose(address target, bytes calldata data, string calldata reason) external returns (uint64 proposal) {
        uint32 member = members.requireSeat(msg.sender);
        if (target.code.length == 0) revert NoContract(target);

        proposal = ++count;
        uint64 votingEnds = uint64(block.timestamp) + _constitution.votingSeconds;
        Proposal storage made = _proposals[proposal];
        made.member = member;
        made.state = ProposalState.Voting;
        made.target = target;
        made.votingEnds = votingEnds;
        made.data = data;

        emit ProposalMade(proposal, member, target, data, votingEnds, reason);
        _cast(proposal, member, true);
        _tally(proposal);
    }

    /// @inheritdoc ICouncil
    function vote(uint64 proposal, bool yes) external {
        uint32 member = members.requireSeat(msg.sender);
        _requireOpen(proposal);

        _cast(proposal, member, yes);
        _tally(proposal);
    }

    /// @inheritdoc ICouncil
    function withdrawProposal(uint64 proposal) external {
        uint32 member = members.requireSeat(msg.sender);
        _requireOpen(proposal);
        if (_proposals[proposal].member != member) revert NotTheProposer(proposal, member);

        _proposals[proposal].state = ProposalState.Withdrawn;

        emit ProposalWithdrawn(proposal);
    }

    /// @inheritdoc ICouncil
    function callStop(address target, bytes4 selector, uint64 duration, string calldata reason) external {
        uint32 member = members.requireSeat(msg.sender);
        uint64 most = _constitution.emergencyMaxSeconds;
        if (duration == 0 || duration > most) revert BadDuration(duration, most);
        if (target.code.length == 0) revert NoContract(target);
        if (!members.isStoppable(selector)) revert IStops.NeverStopped(selector);

        (uint256 heard, uint64 shortest) = _hear(_stopCalls[target][selector], member, duration);
        bool enough = heard >= _constitution.emergencySeats;
        if (enough) delete _stopCalls[target][selector];

        emit StopCalled(member, target, selector, duration, reason);

        if (enough) members.stop(target, selector, uint64(block.timestamp) + shortest, reason);
    }

    /// @inheritdoc ICouncil
    function callLift(address target, bytes4 selector) external {
        uint32 member = members.requireSeat(msg.sender);
        uint64 until = members.stoppedUntil(target, selector);
        if (until <= block.timestamp) revert NotStopped(target, selector);

        // Calls about this very stop, so that none lifts a later one.
        // slither-disable-next-line unused-return // a lift has no duration
        (uint256 heard,) = _hear(_liftCalls[target][selector][until], member, 0);
        bool enough = heard >= _constitution.emergencySeats;

        emit LiftCalled(member, target, selector);

        if (enough) members.lift(target, selector);
    }

    // --- anyone's ---

    /// @inheritdoc ICouncil
    function execute(uint64 proposal) external {
        _requireOpen(proposal);
        Proposal storage made = _proposals[proposal];
        (uint32 yes, uint32 needed) = votes(proposal);
        if (yes < needed || made.executableFrom == 0) revert QuorumMissing(proposal, yes, needed);
        uint64 nowAt = uint64(block.timestamp);
        if (nowAt < made.executableFrom) revert TooEarly(proposal, made.executableFrom, nowAt);

        made.state = ProposalState.Executed;

        emit ProposalExecuted(proposal);

        (address target, bytes memory data) = (made.target, made.data);
        if (target.code.length == 0) revert NoContract(target);
        (bool done, bytes memory answer) = target.call(data);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    /// @inheritdoc ICouncil
    function tally(uint64 proposal) external {
        _requireOpen(proposal);

        _tally(proposal);
    }

    // --- the Council's own act ---

    /// @inheritdoc ICouncil
    function changeConstitution(Constitution calldata constitution_) external {
        if (msg.sender != address(this)) revert NotTheCouncil(msg.sender);

        _setConstitution(constitution_);
    }

    // --- reads ---

    /// @inheritdoc ICouncil
    function constitution() external view returns (Constitution memory) {
        return _constitution;
    }

    /// @inheritdoc ICouncil
    function get(uint64 proposal) external view returns (Proposal memory made) {
        made = _known(proposal);
        made.state = _stateOf(made);
    }

    /// @inheritdoc ICouncil
    function votes(uint64 proposal) public view returns (uint32 yes, uint32 needed) {
        uint32[] storage supporters = _supporters[proposal];
        for (uint256 i = 0; i < supporters.length; ++i) {
            if (_ballots[proposal][supporters[i]] == Ballot.Yes && members.isSeat(supporters[i])) ++yes;
        }
        uint256 seats = members.seats();
        needed = uint32((seats * _constitution.quorumBps + WHOLE_BPS - 1) / WHOLE_BPS);
        if (needed == 0) needed = 1; // where nobody has a seat, nothing is decided
    }

    // --- proposals ---

    function _cast(uint64 proposal, uint32 member, bool yes) private {
        Ballot before = _ballots[proposal][member];
        Ballot ballot = yes ? Ballot.Yes : before == Ballot.None || before == Ballot.No ? Ballot.No : Ballot.NoMore;
        if (ballot == before) return;

        _ballots[proposal][member] = ballot;
        if (yes && before != Ballot.NoMore) _supporters[proposal].push(member);

        emit VoteCast(proposal, member, yes);
    }

    /// @dev Its quorum must be found while votes are due; lost after that, it is not found again.
    function _tally(uint64 proposal) private {
        Proposal storage made = _proposals[proposal];
        (uint32 yes, uint32 needed) = votes(proposal);
        bool passed = made.executableFrom != 0;
        if (yes >= needed == passed) return;

        if (passed) {
            (made.state, made.executableFrom, made.expires) = (ProposalState.Voting, 0, 0);

            emit ProposalFell(proposal);
        } else {
            uint64 executableFrom = uint64(block.timestamp) + _constitution.delaySeconds;
            uint64 expires = executableFrom + _constitution.executionSeconds;
            (made.state, made.executableFrom, made.expires) = (ProposalState.Passed, executableFrom, expires);

            emit ProposalPassed(proposal, executableFrom, expires);
        }
    }

    function _stateOf(Proposal memory made) private view returns (ProposalState) {
        // slither-disable-start incorrect-equality // states are compared, no amounts
        uint64 ends = made.state == ProposalState.Passed ? made.expires : made.votingEnds;
        bool closed = made.state == ProposalState.Executed || made.state == ProposalState.Withdrawn;
        // slither-disable-end incorrect-equality
        return closed || block.timestamp <= ends ? made.state : ProposalState.Lapsed;
    }

    function _requireOpen(uint64 proposal) private view {
        ProposalState state = _stateOf(_known(proposal));
        // slither-disable-next-line incorrect-equality // states are compared, no amounts
        bool open = state == ProposalState.Voting || state == ProposalState.Passed;
        if (!open) revert ProposalIsClosed(proposal, state);
    }

    function _known(uint64 proposal) private view returns (Proposal memory) {
        if (proposal == 0 || proposal > count) revert UnknownProposal(proposal);
        return _proposals[proposal];
    }

    // --- emergencies ---

    /// @dev Writes down the seat's call in place of its earlier one, and drops those that are too old or have no seat any
    ///      more.
    /// @return heard how many seats call now.
    /// @return shortest duration that one of them asked for.
    function _hear(Call[] storage calls, uint32 member, uint64 duration)
        private
        returns (uint256 heard, uint64 shortest)
    {
        uint64 nowAt = uint64(block.timestamp);
        shortest = duration;
        uint256 i = 0;
        while (i < calls.length) {
            Call memory call = calls[i];
            bool tooOld = nowAt > call.at + _constitution.emergencyWindowSeconds;
            if (tooOld || call.member == member || !members.isSeat(call.member)) {
                calls[i] = calls[calls.length - 1];
                calls.pop();
                continue;
            }
            if (call.duration < shortest) shortest = call.duration;
            ++i;
        }
        calls.push(Call(member, nowAt, duration));
        heard = calls.length;
    }

    // --- the constitution ---

    function _setConstitution(Constitution memory made) private {
        // At half or less, two contrary proposals could pass.
        if (made.quorumBps <= WHOLE_BPS / 2 || made.quorumBps > WHOLE_BPS) {
            revert BadConstitution("quorumBps", made.quorumBps);
        }
        if (made.delaySeconds > MOST_SECONDS) revert BadConstitution("delaySeconds", made.delaySeconds);
        if (made.votingSeconds < LEAST_SECONDS || made.votingSeconds > MOST_SECONDS) {
            revert BadConstitution("votingSeconds", made.votingSeconds);
        }
        if (made.executionSeconds < LEAST_SECONDS || made.executionSeconds > MOST_SECONDS) {
            revert BadConstitution("executionSeconds", made.executionSeconds);
        }
        // Nobody stops anything alone.
        if (made.emergencySeats < 2 || made.emergencySeats > MOST_SEATS) {
            revert BadConstitution("emergencySeats", made.emergencySeats);
        }
        if (made.emergencyMaxSeconds == 0 || made.emergencyMaxSeconds > MOST_STOP_SECONDS) {
            revert BadConstitution("emergencyMaxSeconds", made.emergencyMaxSeconds);
        }
        if (made.emergencyWindowSeconds == 0 || made.emergencyWindowSeconds > MOST_SECONDS) {
            revert BadConstitution("emergencyWindowSeconds", made.emergencyWindowSeconds);
        }

        _constitution = made;

        emit ConstitutionChanged(
            made.quorumBps,
            made.delaySeconds,
            made.votingSeconds,
            made.executionSeconds,
            made.emergencySeats,
            made.emergencyMaxSeconds,
            made.emergencyWindowSeconds
        );
    }
}
