// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Credit: settlement credit, 1 unit = 1 fen (CNY), held by members by their number
/// @notice supply = held in escrow + sum of available + sum of in transit, always. Credit is minted against bank money
///         only and burned when the bank has booked a withdrawal. It outlives escrow contracts: the Council admits one,
///         retires another, and each releases at most what it minted itself.
interface ICredit {
    /// @notice The bank member minted into escrow for an order, citing its own reference.
    event CreditMinted(bytes32 indexed order, uint64 amountFen, string bankReference);
    event CreditTransferred(uint32 indexed from, uint32 indexed to, uint64 amountFen, string memo);
    event WithdrawalRequested(uint64 indexed withdrawal, uint32 indexed member, uint64 amountFen);
    /// @notice The bank booked the payment; the credit is burned.
    event WithdrawalBooked(uint64 indexed withdrawal, uint32 indexed member, uint64 amountFen, string bankReference);
    /// @notice The bank could not pay; the amount is available again.
    event WithdrawalReturned(uint64 indexed withdrawal, uint32 indexed member, uint64 amountFen, string reason);
    /// @param by the regulator that froze it, 0 for the governor.
    event AccountFrozen(uint32 indexed member, uint32 indexed by, string reason);
    /// @param by the regulator that ended the freeze, 0 for the governor.
    event AccountUnfrozen(uint32 indexed member, uint32 indexed by);
    event EscrowAdmitted(address indexed escrow);
    event EscrowRetired(address indexed escrow);

    error NotEscrow(address caller);
    error EscrowIsRetired(address escrow);
    error EscrowHoldsLess(address escrow, uint64 heldFen, uint64 neededFen);
    error AccountIsFrozen(uint32 member);
    error NotEnoughCredit(uint32 member, uint64 availableFen, uint64 neededFen);
    error ZeroAmount();
    error UnknownWithdrawal(uint64 withdrawal);
    error WithdrawalIsClosed(uint64 withdrawal);

    // --- only an escrow contract ---

    /// @notice Mints what the buyer paid and holds it in escrow. Caller: an admitted escrow contract. Event: CreditMinted.
    ///         Reverts: NotEscrow; EscrowIsRetired.
    function mintToEscrow(bytes32 order, uint64 amountFen, string calldata bankReference) external;

    /// @notice Moves from what the caller holds to members' available balances; a member of any standing still receives.
    ///         Caller: an escrow contract, also a retired one, which emits PayoutCredited for each part. Reverts:
    ///         NotEscrow; EscrowHoldsLess.
    /// @dev Both lists have one length.
    function release(uint32[] calldata payees, uint64[] calldata amountsFen) external;

    // --- members ---

    /// @notice Moves from the caller's available balance to another's. Caller: an active member that is not frozen, by its
    ///         account or an operator with Role.TREASURY, to an active member, frozen or not. Event: CreditTransferred.
    ///         Reverts: all of IMembers.requireMayAct; UnknownMember, MemberNotActive (IMembers); ZeroAmount;
    ///         AccountIsFrozen; NotEnoughCredit.
    function transfer(uint32 to, uint64 amountFen, string calldata memo) external;

    /// @notice Moves from available to in transit, for the bank to pay out. Caller: a member of any standing that is not
    ///         frozen, by its account or an operator with Role.TREASURY. `reference_` makes it idempotent: the same
    ///         member's repeat with the same amount returns the first id and changes nothing. Never stopped. Event:
    ///         WithdrawalRequested. Reverts: NotMember, KeyIsRevoked, KeyHasEnded (IKeys); MissingRole (IMembers);
    ///         ReferenceReused for a repeat with another amount; ZeroAmount; AccountIsFrozen; NotEnoughCredit.
    /// @return withdrawal counted from 1 over all members.
    function withdraw(uint64 amountFen, bytes32 reference_) external returns (uint64 withdrawal);
    error ReferenceReused(uint32 member, bytes32 reference_);

    // --- the bank ---

    /// @notice Burns what the bank has paid out. Caller: the bank member. Never stopped. Event: WithdrawalBooked, one
    ///         each. All or none. Reverts: all of IMembers.requireRole; UnknownWithdrawal; WithdrawalIsClosed.
    /// @param bankReference the bank's own, under which its statement shows the payment.
    function bookWithdrawals(uint64[] calldata withdrawals, string calldata bankReference) external;

    /// @notice Makes available again what the bank could not pay. Caller: the bank member. Never stopped. Event:
    ///         WithdrawalReturned. Reverts: all of IMembers.requireRole; UnknownWithdrawal; WithdrawalIsClosed.
    function returnWithdrawal(uint64 withdrawal, string calldata reason) external;

    // --- the regulator and the governor ---

    /// @notice The member can neither transfer nor withdraw; it still receives. Caller: the governor, or a regulator.
    ///         Event: AccountFrozen, unless it was frozen. Reverts: all of IMembers.requireRole; UnknownMember (IMembers).
    function freeze(uint32 member, string calldata reason) external;

    /// @notice Ends a freeze. Caller: the governor, or a regulator. Event: AccountUnfrozen, unless it was not frozen.
    ///         Reverts: all of IMembers.requireRole; UnknownMember (IMembers).
    function unfreeze(uint32 member) external;

    /// @notice The escrow contract may mint and release from now on. Caller: the governor. Event: EscrowAdmitted, unless
    ///         it was admitted. Reverts: NotGovernor, NotAContract (IGoverned).
    function admitEscrow(address escrow) external;

    /// @notice The escrow contract mints no more; it releases what it holds. Caller: the governor. Event: EscrowRetired,
    ///         unless it was retired. Reverts: NotGovernor (IGoverned); NotEscrow for one that was never admitted.
    function retireEscrow(address escrow) external;

    // --- reads, in fen; 0 for an unknown member ---

    function availableFen(uint32 member) external view returns (uint64);
    function inTransitFen(uint32 member) external view returns (uint64);

    /// @return fen held by all escrow contracts together.
    function escrowedFen() external view returns (uint64 fen);

    /// @return fen held by this escrow contract.
    function heldFen(address escrow) external view returns (uint64 fen);

    /// @return every escrow contract that was ever admitted, in the order in which they were.
    function escrows() external view returns (address[] memory);

    /// @return whether the escrow contract may mint.
    function isAdmitted(address escrow) external view returns (bool);
    function supplyFen() external view returns (uint64);
}
