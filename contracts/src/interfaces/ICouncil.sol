// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @notice How the consortium decides. Durations in seconds.
struct Constitution {
    uint32 quorumBps; // of the seats, in basis points, rounded up: 6667 is more than two thirds
    uint64 delaySeconds; // from the passing, in which members object or leave
    uint64 votingSeconds; // in which a proposal must find its quorum
    uint64 executionSeconds; // from the end of the delay, in which it can be executed
    uint32 emergencySeats; // that stop a function, or lift its stop, together
    uint64 emergencyMaxSeconds; // that a stop by them lasts
    uint64 emergencyWindowSeconds; // in which they must ask for it
}

enum ProposalState {
    None,
    Voting, // no quorum, or no more
    Passed, // waits for its delay, or can be executed
    Executed,
    Withdrawn,
    Lapsed // it found no quorum in time, lost it when the time for votes was over, or was not executed in time
}

/// @title Council: the members with a seat decide together
/// @notice A seat is an active member with Role.COUNCIL; its account has one vote. A proposal is one call of one contract.
///         It passes when the quorum of the seats says yes; then a delay runs; then anyone executes it, if the quorum
///         still holds. Who has a seat is asked whenever a vote is cast, counted again, or the call made. Apart from that, a few seats together stop a function for a while, at once.
interface ICouncil {
    struct Proposal {
        uint32 member; // its proposer
        ProposalState state;
        address target;
        uint64 votingEnds; // its last second
        uint64 executableFrom; // 0 while it has not passed
        uint64 expires; // its last second; 0 while it has not passed
        bytes data;
    }

    event ConstitutionChanged(
        uint32 quorumBps,
        uint64 delaySeconds,
        uint64 votingSeconds,
        uint64 executionSeconds,
        uint32 emergencySeats,
        uint64 emergencyMaxSeconds,
        uint64 emergencyWindowSeconds
    );
    event ProposalMade(
        uint64 indexed proposal,
        uint32 indexed member,
        address indexed target,
        bytes data,
        uint64 votingEnds,
        string reason
    );
    event VoteCast(uint64 indexed proposal, uint32 indexed member, bool yes);
    /// @notice The quorum says yes, from this block on; it can be executed from `executableFrom` to `expires`.
    event ProposalPassed(uint64 indexed proposal, uint64 executableFrom, uint64 expires);
    /// @notice It had passed, and the quorum holds no more.
    event ProposalFell(uint64 indexed proposal);
    event ProposalExecuted(uint64 indexed proposal);
    event ProposalWithdrawn(uint64 indexed proposal);
    event StopCalled(
        uint32 indexed member, address indexed target, bytes4 indexed selector, uint64 duration, string reason
    );
    event LiftCalled(uint32 indexed member, address indexed target, bytes4 indexed selector);

    /// @dev `field` names what would leave the consortium unable to decide, or able to decide against itself.
    error BadConstitution(string field, uint256 value);
    error NotTheCouncil(address caller);
    error UnknownProposal(uint64 proposal);
    error NoContract(address target);
    error ProposalIsClosed(uint64 proposal, ProposalState state);
    error QuorumMissing(uint64 proposal, uint32 yes, uint32 needed);
    error TooEarly(uint64 proposal, uint64 executableFrom, uint64 nowAt);
    error NotTheProposer(uint64 proposal, uint32 member);
    error BadDuration(uint64 duration, uint64 most);
    error NotStopped(address target, bytes4 selector);

    // --- a seat's acts. Caller: the account of a member with a seat, else NotMember, KeyIsRevoked, NotTheAccount (IKeys),
    //     MemberNotActive, MissingRole (IMembers) ---

    /// @notice Proposes that the Council call `target` with `data`; the proposer's own vote is yes. Events: ProposalMade,
    ///         VoteCast; ProposalPassed where one yes is the quorum. Reverts: NoContract for a target without code.
    /// @return proposal counted from 1.
    function propose(address target, bytes calldata data, string calldata reason) external returns (uint64 proposal);

    /// @notice Says yes or no, as often as the seat changes its mind, until the proposal is closed; a no in the delay is
    ///         the objection. Events: VoteCast, unless it said so before; ProposalPassed, ProposalFell as in tally.
    ///         Reverts: UnknownProposal; ProposalIsClosed.
    function vote(uint64 proposal, bool yes) external;

    /// @notice Takes back a proposal of one's own. Event: ProposalWithdrawn. Reverts: UnknownProposal; NotTheProposer;
    ///         ProposalIsClosed.
    /// @dev Cannot be undone.
    function withdrawProposal(uint64 proposal) external;

    /// @notice Asks for a stop of a function. When `emergencySeats` seats have asked for it within
    ///         `emergencyWindowSeconds`, it is stopped from now on, for the shortest duration that one of them asked for.
    ///         A seat's later call replaces its earlier one. Events: StopCalled; IStops.FunctionStopped with the last.
    ///         Reverts: BadDuration for 0 or more than `emergencyMaxSeconds`; NoContract; NeverStopped (IStops).
    function callStop(address target, bytes4 selector, uint64 duration, string calldata reason) external;

    /// @notice Asks to lift a stop, as callStop. Events: LiftCalled; IStops.FunctionLifted with the last. Reverts:
    ///         NotStopped.
    function callLift(address target, bytes4 selector) external;

    // --- anyone's ---

    /// @notice Makes the proposal's call. Caller: anyone. Event: ProposalExecuted. Reverts: UnknownProposal;
    ///         ProposalIsClosed; QuorumMissing, counted among the seats of now; TooEarly; and whatever the target reverts
    ///         with, as it stands.
    function execute(uint64 proposal) external;

    /// @notice Counts again among the seats of now, after a member was admitted, suspended or the like: passes what has
    ///         its quorum, and lets fall what has it no more. Caller: anyone. Events: ProposalPassed, ProposalFell, unless
    ///         nothing changed. Reverts: UnknownProposal; ProposalIsClosed.
    function tally(uint64 proposal) external;

    // --- the Council's own act, by a proposal ---

    /// @notice Replaces the constitution; a proposal that passed before keeps its times. Caller: this contract, else
    ///         NotTheCouncil. Event: ConstitutionChanged. Reverts: BadConstitution.
    function changeConstitution(Constitution calldata constitution_) external;

    // --- reads ---

    function constitution() external view returns (Constitution memory);

    /// @return how many proposals were ever made, which is the highest number.
    function count() external view returns (uint64);

    /// @notice Reverts: UnknownProposal.
    /// @return the proposal; its state is that of now.
    function get(uint64 proposal) external view returns (Proposal memory);

    /// @return yes how many seats of now say yes.
    /// @return needed how many the quorum needs now.
    function votes(uint64 proposal) external view returns (uint32 yes, uint32 needed);
}
