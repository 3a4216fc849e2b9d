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
    error BadLot(string lot);
    error EmptyTree();

    /// @notice Caller: the member that owns the GTIN.
    function commitItems(
        uint64 gtin,
        string calldata lot,
        bytes32 root,
        uint32 count,
        bytes32 manifest
    ) external;
    function committedAt(
        bytes32 root
    ) external view returns (uint64 at);
}
