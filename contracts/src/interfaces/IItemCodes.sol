// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title ItemCodes: the serials of a lot under one RFC 9162 Merkle root
interface IItemCodes {
    /// @param manifest SHA-256 of the list of leaves in the content-addressed store.
    event ItemsCommitted(
        bytes32 indexed root, uint64 indexed gtin, uint32 indexed member, string lot, uint32 count, bytes32 manifest
    );

    error NotProductOwner(uint64 gtin, uint32 member);
    error AlreadyCommitted(bytes32 root);
    error EmptyLot();
    /// @dev A lot has 1 to 20 printable ASCII characters, no space (GS1 AI 10).
    error BadLot(string lot);
    error EmptyTree();

    /// @notice Commits all serials of a batch at once, for ever. Caller: the active member that owns the GTIN. A lot
    ///         may have several roots (it was labelled in several runs); a root stands once. Event: ItemsCommitted.
    ///         Reverts: all of IMembers.requireMayAct; NotProductOwner; EmptyLot, BadLot; EmptyTree for a zero
    ///         root or count; AlreadyCommitted, also for the owner's own repeat, which thereby is told.
    /// @param root RFC 9162 Merkle tree hash with SHA-256 over the serials' leaves.
    /// @param count how many leaves the tree has.
    function commitItems(uint64 gtin, string calldata lot, bytes32 root, uint32 count, bytes32 manifest) external;

    /// @return at the block time of the commitment (Unix seconds), 0 when there is none.
    function committedAt(bytes32 root) external view returns (uint64 at);
}
