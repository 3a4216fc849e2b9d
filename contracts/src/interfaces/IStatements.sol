// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers} from "./IMembers.sol";

/// @title Statements: who said what about goods, and when
/// @notice A statement is a commitment, SHA-256(salt ‖ CBV 2.0 event hash), said by one member. A repeat changes
///         nothing.
interface IStatements {
    /// @param grantHash zero where the member's own account sent it, else the grant under which a delegate did.
    event StatementRecorded(bytes32 indexed commitment, uint32 indexed member, bytes32 grantHash);

    error NothingToRecord();

    /// @notice Caller: an active member with an evidence role. Each commitment not yet said by this member is recorded
    ///         with the block's time; one already said is passed over. Event: StatementRecorded, one each that is new.
    ///         Reverts: NothingToRecord for an empty list; all of IMembers.requireMayAct.
    function record(bytes32[] calldata commitments) external;

    /// @notice The same for the granting member, which needs the evidence role. Caller: the delegate that it signed a
    ///         grant for, with Act.RECORD_STATEMENT. Event: StatementRecorded, with the grant's hash. Reverts:
    ///         NothingToRecord; all of IMembers.requireGrant.
    function recordFor(bytes32[] calldata commitments, IMembers.Grant calldata grant, bytes calldata signature) external;

    /// @return at the block time at which the member said it, 0 when it did not.
    function recordedAt(uint32 member, bytes32 commitment) external view returns (uint64 at);
}
