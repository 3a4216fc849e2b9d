// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IItemCodes} from "./interfaces/IItemCodes.sol";
import {IMembers, Role} from "./interfaces/IMembers.sol";
import {Gs1} from "./libraries/Gs1.sol";

/// @title ItemCodes
/// @notice See IItemCodes.
contract ItemCodes is IItemCodes {
    IMembers public immutable members;

    /// @inheritdoc IItemCodes
    mapping(bytes32 root => uint64 at) public committedAt;

    constructor(IMembers members_) {
        members = members_;
    }

    /// @inheritdoc IItemCodes
    function commitItems(uint64 gtin, string calldata lot, bytes32 root, uint32 count, bytes32 manifest) external {
        uint32 member = members.requireMayAct(msg.sender, Role.ANY, msg.sig);
        if (members.ownerOfProduct(gtin) != member) revert NotProductOwner(gtin, member);
        if (bytes(lot).length == 0) revert EmptyLot();
        if (!Gs1.isLot(lot)) revert BadLot(lot);
        if (root == 0 || count == 0) revert EmptyTree();
        if (committedAt[root] != 0) revert AlreadyCommitted(root);

        committedAt[root] = uint64(block.timestamp);

        emit ItemsCommitted(root, gtin, member, lot, count, manifest);
    }
}
