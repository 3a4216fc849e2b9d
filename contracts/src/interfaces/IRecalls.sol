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
    /// @dev A lot has 1 to 20 printable ASCII characters, no space (GS1 AI 10).
    error BadLot(string lot);

    /// @notice Calls a lot back. Caller: the active member that owns the GTIN, or a regulator, also for a GTIN that
    ///         nobody owns. Event: RecallOpened. Reverts: all of IMembers.requireMayAct, BadGtin (IMembers); BadLot;
    ///         NotEntitled; EmptyReason; RecallIsOpen.
    function openRecall(uint64 gtin, string calldata lot, string calldata reason) external;

    /// @notice Ends the lot's recall; it may be called back again. Caller: the active member that opened it, or a
    ///         regulator; so the owner cannot close what a regulator opened. Event: RecallClosed.
    ///         Reverts: all of IMembers.requireMayAct; NoOpenRecall; NotEntitled.
    function closeRecall(uint64 gtin, string calldata lot) external;

    /// @return whether a recall of the lot is open.
    function isRecalled(uint64 gtin, string calldata lot) external view returns (bool);
}
