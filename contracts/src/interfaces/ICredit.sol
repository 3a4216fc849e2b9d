// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Credit: settlement credit, 1 unit = 1 fen (CNY), held by members by their number
/// @notice supply = escrowed + sum of available + sum of in transit, always. Credit is minted against bank money only
///         and burned when the bank has booked a withdrawal.
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

    /// @notice Mints what the buyer paid and holds it in escrow. Caller: the escrow contract. Event: CreditMinted.
    ///         Reverts: NotEscrow.
    function mintToEscrow(bytes32 order, uint64 amountFen, string calldata bankReference) external;

    /// @notice Moves from escrow to members' available balances; a frozen or suspended member still receives. Caller:
    ///         the escrow contract, which emits PayoutCredited for each part. Reverts: NotEscrow.
    /// @dev Both lists have one length; the escrow contract never releases more than it holds.
    function release(uint32[] calldata payees, uint64[] calldata amountsFen) external;

    // --- members ---

    /// @notice Moves from the caller's available balance to another's. Caller: an active member that is not frozen, to
    ///         an active member, frozen or not. Event: CreditTransferred. Reverts: NotMember, UnknownMember,
    ///         MemberNotActive (IMembers); ZeroAmount; AccountIsFrozen; NotEnoughCredit.
    function transfer(uint32 to, uint64 amountFen, string calldata memo) external;

    /// @notice Moves from available to in transit, for the bank to pay out. Caller: an active member that is not
    ///         frozen. `reference_` makes it idempotent: the same member's repeat with the same amount returns the
    ///         first id and changes nothing. Event: WithdrawalRequested. Reverts: NotMember, MemberNotActive
    ///         (IMembers); ReferenceReused for a repeat with another amount; ZeroAmount; AccountIsFrozen;
    ///         NotEnoughCredit.
    /// @return withdrawal counted from 1 over all members.
    function withdraw(uint64 amountFen, bytes32 reference_) external returns (uint64 withdrawal);
    error ReferenceReused(uint32 member, bytes32 reference_);

    // --- the bank ---

    /// @notice Burns what the bank has paid out. Caller: the bank member. Event: WithdrawalBooked, one each. All or
    ///         none. Reverts: NotMember, MemberNotActive, MissingRole (IMembers); UnknownWithdrawal;
    ///         WithdrawalIsClosed.
    /// @param bankReference the bank's own, under which its statement shows the payment.
    function bookWithdrawals(uint64[] calldata withdrawals, string calldata bankReference) external;

    /// @notice Makes available again what the bank could not pay. Caller: the bank member. Event: WithdrawalReturned.
    ///         Reverts: NotMember, MemberNotActive, MissingRole (IMembers); UnknownWithdrawal; WithdrawalIsClosed.
    function returnWithdrawal(uint64 withdrawal, string calldata reason) external;

    // --- the consortium ---

    /// @notice The member can neither transfer nor withdraw; it still receives. Caller: the consortium. Event:
    ///         AccountFrozen, unless it was frozen. Reverts: NotConsortium, UnknownMember (IMembers).
    function freeze(uint32 member, string calldata reason) external;

    /// @notice Ends a freeze. Caller: the consortium. Event: AccountUnfrozen, unless it was not frozen.
    ///         Reverts: NotConsortium, UnknownMember (IMembers).
    function unfreeze(uint32 member) external;

    // --- reads, in fen; 0 for an unknown member ---

    function availableFen(uint32 member) external view returns (uint64);
    function inTransitFen(uint32 member) external view returns (uint64);
    function escrowedFen() external view returns (uint64);
    function supplyFen() external view returns (uint64);
}
