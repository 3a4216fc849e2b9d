// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Act, IMembers, Role} from "./interfaces/IMembers.sol";
import {IStatements} from "./interfaces/IStatements.sol";

/// @title Statements
/// @notice See IStatements.
contract Statements is IStatements {
    IMembers public immutable members;

    /// @inheritdoc IStatements
    mapping(uint32 member => mapping(bytes32 commitment => uint64 at)) public recordedAt;

    constructor(IMembers members_) {
        members = members_;
    }

    /// @inheritdoc IStatements
    function record(bytes32[] calldata commitments) external {
        uint32 member = members.requireMayAct(msg.sender, Role.EVIDENCE, msg.sig);

        _record(commitments, member, bytes32(0));
    }

    /// @inheritdoc IStatements
    function recordFor(bytes32[] calldata commitments, IMembers.Grant calldata grant, bytes calldata signature)
        external
    {
        bytes32 grantHash =
            members.requireGrant(msg.sender, grant, signature, Act.RECORD_STATEMENT, Role.EVIDENCE, msg.sig);

        _record(commitments, grant.member, grantHash);
    }

    function _record(bytes32[] calldata commitments, uint32 member, bytes32 grantHash) private {
        if (commitments.length == 0) revert NothingToRecord();

        mapping(bytes32 commitment => uint64 at) storage said = recordedAt[member];
        for (uint256 i = 0; i < commitments.length; ++i) {
            bytes32 commitment = commitments[i];
            if (said[commitment] != 0) continue;

            said[commitment] = uint64(block.timestamp);

            emit StatementRecorded(commitment, member, grantHash);
        }
    }
}
