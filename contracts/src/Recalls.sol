// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers, Role} from "./interfaces/IMembers.sol";
import {IRecalls} from "./interfaces/IRecalls.sol";
import {Gs1} from "./libraries/Gs1.sol";

/// @title Recalls
/// @notice See IRecalls.
contract Recalls is IRecalls {
    IMembers public immutable members;

    /// @dev The member that opened the recall; 0: none is open.
    mapping(uint64 gtin => mapping(string lot => uint32 member)) private _openedBy;

    constructor(IMembers members_) {
        members = members_;
    }

    /// @inheritdoc IRecalls
    function openRecall(uint64 gtin, string calldata lot, string calldata reason) external {
        uint32 member = members.requireMayAct(msg.sender, Role.ANY, msg.sig);
        if (!Gs1.isGtin(gtin)) revert IMembers.BadGtin(gtin);
        if (!Gs1.isLot(lot)) revert BadLot(lot);
        if (members.ownerOfProduct(gtin) != member && !_isRegulator(member)) revert NotEntitled(gtin, member);
        if (bytes(reason).length == 0) revert EmptyReason();
        if (_openedBy[gtin][lot] != 0) revert RecallIsOpen(gtin, lot);

        _openedBy[gtin][lot] = member;

        emit RecallOpened(gtin, member, lot, reason);
    }

    /// @inheritdoc IRecalls
    function closeRecall(uint64 gtin, string calldata lot) external {
        uint32 member = members.requireMayAct(msg.sender, Role.ANY, msg.sig);
        uint32 openedBy = _openedBy[gtin][lot];
        if (openedBy == 0) revert NoOpenRecall(gtin, lot);
        // What a regulator opened, the owner cannot close.
        if (openedBy != member && !_isRegulator(member)) revert NotEntitled(gtin, member);

        delete _openedBy[gtin][lot];

        emit RecallClosed(gtin, member, lot);
    }

    /// @inheritdoc IRecalls
    function isRecalled(uint64 gtin, string calldata lot) external view returns (bool) {
        return _openedBy[gtin][lot] != 0;
    }

    function _isRegulator(uint32 member) private view returns (bool) {
        return members.get(member).roles & Role.REGULATOR != 0;
    }
}
