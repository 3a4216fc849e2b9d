// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Recalls: a lot called back by the owner of its GTIN or by a regulator
interface IRecalls {
    event RecallOpened(uint64 indexed gtin, uint32 indexed member, string lot, string reason);
    event RecallClosed(uint64 indexed gtin, uint32 indexed member, string lot);

    error NotEntitled(uint64 gtin, uint32 member);
    error RecallIsOpen(uint64 gtin, string lot);
    error NoOpenRecall(uint64 gtin, string lot);
    error EmptyReason();
    error BadLot(string lot);

    function openRecall(
        uint64 gtin,
        string calldata lot,
        string calldata reason
    ) external;
    function closeRecall(
        uint64 gtin,
        string calldata lot
    ) external;
    function isRecalled(
        uint64 gtin,
        string calldata lot
    ) external view returns (bool);
}
