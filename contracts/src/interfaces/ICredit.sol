// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Credit: settlement credit, 1 unit = 1 fen (CNY), held by members by their number
/// @notice supply = escrowed + sum of available + sum of in transit, always. Credit is minted against bank money only and burned
///         when the bank has booked a withdrawal.
interface ICredit {
    /// @notice The bank member minted into escrow for an order, citing its own reference.
    event CreditMinted(bytes32 indexed order, uint64 amountFen, string bankReference);
    event CreditTransferred(uint32 indexed from, uint32 indexed to, uint64 amountFen, string memo);
    event WithdrawalRequested(uint64 indexed withdrawal, uint32 indexed member, uint64 amountFen);
    /// @notice The bank booked the payment; the credit is burned.
    event WithdrawalBooked(uint64 indexed withdrawal, uint32 indexed member, uint64 amountFen, string bankReference);
    /// @notice The bank could not pay; the amount is available again.
    event WithdrawalReturned(uint64 indexed withdrawal, uint32 indexed member, uint64 amountFen, string reason);
    event AccountFrozen(uint32 indexed member, string reason);
    event AccountUnfrozen(uint32 indexed member);

    error NotEscrow(address caller);
    error AccountIsFrozen(uint32 member);
    error NotEnoughCredit(uint32 member, uint64 availableFen, uint64 neededFen);
    error ZeroAmount();
    error UnknownWithdrawal(uint64 withdrawal);
    error WithdrawalIsClosed(uint64 withdrawal);

    // --- only the escrow contract ---
    function mintToEscrow(
        bytes32 order,
        uint64 amountFen,
        string calldata bankReference
    ) external;
    /// @notice Moves from escrow to members' available balances. A frozen account still receives.
    function release(
        uint32[] calldata payees,
        uint64[] calldata amountsFen
    ) external;

    // --- members ---
    function transfer(
        uint32 to,
        uint64 amountFen,
        string calldata memo
    ) external;
    /// @notice Moves from available to in transit. `reference` makes it idempotent: the same member's repeat with the same
    ///         amount returns the first id and emits nothing; with another amount it reverts ReferenceReused.
    function withdraw(
        uint64 amountFen,
        bytes32 reference_
    ) external returns (uint64 withdrawal);
    error ReferenceReused(uint32 member, bytes32 reference_);

    // --- the bank ---
    function bookWithdrawals(
        uint64[] calldata withdrawals,
        string calldata bankReference
    ) external;
    function returnWithdrawal(
        uint64 withdrawal,
        string calldata reason
    ) external;

    // --- the consortium ---
    function freeze(
        uint32 member,
        string calldata reason
    ) external;
    function unfreeze(
        uint32 member
    ) external;

    function availableFen(
        uint32 member
    ) external view returns (uint64);
    function inTransitFen(
        uint32 member
    ) external view returns (uint64);
    function escrowedFen() external view returns (uint64);
    function supplyFen() external view returns (uint64);
}
