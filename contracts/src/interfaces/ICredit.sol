// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Credit: settlement credit, 1 unit = 1 fen (CNY), held by members by their number
/// @notice supply = held by escrow contracts + sum of collected + sum of members' in transit + in transit to shoppers +
///         guarantee fund, always. Credit is minted against bank money only and burned when the bank has booked a payment.
///         An escrow contract holds what was paid for orders, and what members earned by them until they collect it
///         (which whatever they do with it does first): a settlement writes nothing here. Credit outlives escrow
///         contracts: the Council admits one, retires another; each gives out at most what it minted itself, and takes
///         back at most what was collected from it.
///         Beside the supply stands what is owed: by payees that had spent what a refund takes back, and to shoppers
///         whose refund neither the payee nor the guarantee fund could cover. Whatever a member that owes collects pays
///         its debt first; money that comes so, or into the fund, pays shoppers first.
interface ICredit {
    /// @notice A refund by name: the order, and which of its refunds, counted from 1.
    struct RefundPayment {
        bytes32 order;
        uint8 number;
        uint64 amountFen;
    }

    /// @notice The bank member minted into escrow for an order or a batch, citing its own reference.
    event CreditMinted(bytes32 indexed order, uint64 amountFen, string bankReference);
    event CreditTransferred(uint32 indexed from, uint32 indexed to, uint64 amountFen, string memo);
    event WithdrawalRequested(uint64 indexed withdrawal, uint32 indexed member, uint64 amountFen);
    /// @notice The bank booked the payment; the credit is burned.
    event WithdrawalBooked(uint64 indexed withdrawal, uint32 indexed member, uint64 amountFen, string bankReference);
    /// @notice The bank could not pay, or what it had paid came back; the amount is available again.
    /// @param booked whether the payment had been booked: then its credit, which was burned, is there again.
    event WithdrawalReturned(
        uint64 indexed withdrawal, uint32 indexed member, uint64 amountFen, bool booked, string reason
    );
    /// @notice A refund takes back more than the payee has: the guarantee fund pays one part, the other is due to the
    ///         shopper, and the payee owes both. The refund itself is told in the same transaction, before.
    event RefundUncovered(uint32 indexed member, uint64 fundFen, uint64 dueFen);
    /// @notice Of what was credited to a payee that owes: `dueFen` go to shoppers, the rest to the guarantee fund.
    event DebtPaid(uint32 indexed member, uint64 amountFen, uint64 dueFen);
    /// @notice Paid into the guarantee fund from what was available; `dueFen` of it go on to shoppers.
    event FundPaidIn(uint32 indexed member, uint64 amountFen, uint64 dueFen);
    event FundPaidOut(uint32 indexed member, uint64 amountFen, string reason);
    /// @notice The bank paid the shopper; the credit is burned.
    event RefundBooked(bytes32 indexed order, uint8 number, uint64 amountFen, string bankReference);
    /// @notice What the bank had paid came back to it: the credit is in transit to the shopper again.
    event RefundReturned(bytes32 indexed order, uint8 number, uint64 amountFen, string reason);
    /// @param by the regulator that froze it, 0 for the governor.
    event AccountFrozen(uint32 indexed member, uint32 indexed by, string reason);
    /// @param by the regulator that ended the freeze, 0 for the governor.
    event AccountUnfrozen(uint32 indexed member, uint32 indexed by);
    /// @notice Moved from what was available into what an escrow contract holds.
    event EscrowFunded(uint32 indexed member, address indexed escrow, uint64 amountFen);
    event EscrowAdmitted(address indexed escrow);
    event EscrowRetired(address indexed escrow);

    error NotEscrow(address caller);
    error EscrowIsRetired(address escrow);
    /// @dev The contract does not tell what members earned in it (IEarnings).
    error IsNoEscrow(address at);
    error EscrowHoldsLess(address escrow, uint64 heldFen, uint64 neededFen);
    error EscrowGaveLess(address escrow, uint64 collectedFen, uint64 neededFen);
    error AccountIsFrozen(uint32 member);
    error NotEnoughCredit(uint32 member, uint64 availableFen, uint64 neededFen);
    error NotEnoughInFund(uint64 fundFen, uint64 neededFen);
    error NotEnoughInTransit(uint64 inTransitFen, uint64 neededFen);
    error ZeroAmount();
    /// @dev Sponsors wait until shoppers have what is due to them.
    error ShoppersFirst(uint64 dueFen);
    error UnknownWithdrawal(uint64 withdrawal);
    error WithdrawalIsClosed(uint64 withdrawal);
    error RefundIsBooked(bytes32 order, uint8 number);
    error RefundIsNotBooked(bytes32 order, uint8 number);

    // --- only an escrow contract ---

    /// @notice Mints what the buyer paid and holds it in escrow. Caller: an admitted escrow contract. Event: CreditMinted.
    ///         Reverts: NotEscrow; EscrowIsRetired.
    function mintToEscrow(bytes32 order, uint64 amountFen, string calldata bankReference) external;

    /// @notice Moves to shoppers what a refund gives back: `fromHeld` of what the caller holds, and of what members have
    ///         collected `debits`, less `toHeld`, which the caller holds from now on. A debit takes what the member has,
    ///         frozen or not, then from the guarantee fund; what neither covers is due, and the member owes what was not
    ///         its own. Caller: an escrow contract, also a retired one, which tells the refund. Event: RefundUncovered for
    ///         a member that has too little. Reverts: NotEscrow; EscrowHoldsLess; EscrowGaveLess; NotEnoughInTransit when
    ///         a residual would grow by a fen that nobody has.
    /// @param debits a member and an amount each: member << 64 | fen.
    function refund(uint64 fromHeld, uint64 toHeld, uint256[] calldata debits) external;

    /// @notice Moves from a member's available balance into what the caller holds, which has asked whom the member lets act
    ///         for it: a campaign's budget. Caller: an escrow contract. Event: EscrowFunded. Reverts: NotEscrow;
    ///         EscrowIsRetired; ZeroAmount; AccountIsFrozen; NotEnoughCredit.
    function fund(uint32 member, uint64 amountFen) external;

    /// @notice Passes `amountFen` of what the caller holds on to another escrow contract. Caller: an escrow contract, also a
    ///         retired one, which tells it. Reverts: NotEscrow; EscrowIsRetired for one that takes no more; EscrowHoldsLess.
    function passOn(address to, uint64 amountFen) external;

    /// @notice The caller holds from now on `amountFen` of what refunds moved to shoppers: what of it is a sponsor's, who
    ///         had paid a part of the order. Caller: an escrow contract, also a retired one, which tells it. Reverts:
    ///         NotEscrow; ShoppersFirst while anything is due; NotEnoughInTransit.
    function takeBack(uint64 amountFen) external;

    // --- members ---

    /// @notice Collects what the member earned in every escrow contract; a debt is paid first. Caller: anyone. Never
    ///         stopped. Event: DebtPaid for a member that owes.
    function collect(uint32 member) external;

    /// @notice Moves from the caller's available balance to another's. Caller: an active member that is not frozen, by its
    ///         account or an operator with Role.TREASURY, to an active member, frozen or not. Events: CreditTransferred;
    ///         DebtPaid when the receiver owes. Reverts: all of IMembers.requireMayAct; UnknownMember, MemberNotActive
    ///         (IMembers); ZeroAmount; AccountIsFrozen; NotEnoughCredit.
    function transfer(uint32 to, uint64 amountFen, string calldata memo) external;

    /// @notice Moves from available to in transit, for the bank to pay out. Caller: a member of any standing that is not
    ///         frozen, by its account or an operator with Role.TREASURY. `reference_` makes it idempotent: the same
    ///         member's repeat with the same amount returns the first id and changes nothing. Never stopped. Event:
    ///         WithdrawalRequested. Reverts: NotMember, KeyIsRevoked, KeyHasEnded (IKeys); MissingRole (IMembers);
    ///         ReferenceReused for a repeat with another amount; ZeroAmount; AccountIsFrozen; NotEnoughCredit.
    /// @return withdrawal counted from 1 over all members.
    function withdraw(uint64 amountFen, bytes32 reference_) external returns (uint64 withdrawal);
    error ReferenceReused(uint32 member, bytes32 reference_);

    /// @notice Moves from the caller's available balance into the guarantee fund; what is due to shoppers is paid first.
    ///         Caller: as transfer. Event: FundPaidIn. Reverts: all of IMembers.requireMayAct; ZeroAmount;
    ///         AccountIsFrozen; NotEnoughCredit.
    function payIntoFund(uint64 amountFen) external;

    // --- the bank ---

    /// @notice Burns what the bank has paid out. Caller: the bank member. Never stopped. Event: WithdrawalBooked, one
    ///         each. All or none. Reverts: all of IMembers.requireRole; UnknownWithdrawal; WithdrawalIsClosed.
    /// @param bankReference the bank's own, under which its statement shows the payment.
    function bookWithdrawals(uint64[] calldata withdrawals, string calldata bankReference) external;

    /// @notice Makes available again what the bank could not pay, or what it had paid and booked and what came back to it
    ///         (an account that was closed), once; a member that owes pays its debt first. Caller: the bank member. Never
    ///         stopped. Events: WithdrawalReturned; DebtPaid. Reverts: all of IMembers.requireRole; UnknownWithdrawal;
    ///         WithdrawalIsClosed for one that was returned.
    function returnWithdrawal(uint64 withdrawal, string calldata reason) external;

    /// @notice Burns what the bank has paid to shoppers, each refund once. Caller: the bank member. Never stopped. Event:
    ///         RefundBooked, one each. All or none. Reverts: all of IMembers.requireRole; RefundIsBooked;
    ///         NotEnoughInTransit.
    /// @dev The bank vouches for the amounts, as it does for payments; `suyuan audit` compares them with the refunds.
    function bookRefunds(RefundPayment[] calldata payments, string calldata bankReference) external;

    /// @notice What the bank had paid came back (an account that was closed): it is in transit to the shopper again.
    ///         Caller: the bank member. Never stopped. Event: RefundReturned. Reverts: all of IMembers.requireRole;
    ///         RefundIsNotBooked for one that is not, or with another amount.
    function returnRefund(RefundPayment calldata payment, string calldata reason) external;

    // --- the regulator and the governor ---

    /// @notice The member can neither transfer nor withdraw; it still receives. Caller: the governor, or a regulator.
    ///         Event: AccountFrozen, unless it was frozen. Reverts: all of IMembers.requireRole; UnknownMember (IMembers).
    function freeze(uint32 member, string calldata reason) external;

    /// @notice Ends a freeze. Caller: the governor, or a regulator. Event: AccountUnfrozen, unless it was not frozen.
    ///         Reverts: all of IMembers.requireRole; UnknownMember (IMembers).
    function unfreeze(uint32 member) external;

    /// @notice Pays a member from the guarantee fund. Caller: the governor. Events: FundPaidOut; DebtPaid when it owes.
    ///         Reverts: NotGovernor (IGoverned); UnknownMember (IMembers); ZeroAmount; NotEnoughInFund.
    function payFromFund(uint32 to, uint64 amountFen, string calldata reason) external;

    /// @notice The escrow contract may mint and release from now on. Caller: the governor. Event: EscrowAdmitted, unless
    ///         it was admitted. Reverts: NotGovernor, NotAContract (IGoverned); IsNoEscrow.
    function admitEscrow(address escrow) external;

    /// @notice The escrow contract mints no more; it releases what it holds. Caller: the governor. Event: EscrowRetired,
    ///         unless it was retired. Reverts: NotGovernor (IGoverned); NotEscrow for one that was never admitted.
    function retireEscrow(address escrow) external;

    // --- reads, in fen; 0 for an unknown member ---

    /// @return fen that the member earned and did not spend, collected or not; a debt is not taken off.
    function availableFen(uint32 member) external view returns (uint64 fen);

    /// @return fen of these that were collected.
    function collectedFen(uint32 member) external view returns (uint64 fen);
    function inTransitFen(uint32 member) external view returns (uint64);

    /// @return fen that the member owes: refunds took back more than it had.
    function owedFen(uint32 member) external view returns (uint64 fen);

    /// @return fen that all escrow contracts hold together, what members have not collected included.
    function escrowedFen() external view returns (uint64 fen);

    /// @return fen that this escrow contract holds.
    function heldFen(address escrow) external view returns (uint64 fen);

    /// @return every escrow contract that was ever admitted, in the order in which they were.
    function escrows() external view returns (address[] memory);

    /// @return whether the escrow contract may mint.
    function isAdmitted(address escrow) external view returns (bool);
    function supplyFen() external view returns (uint64);

    /// @return fen in the guarantee fund.
    function fundFen() external view returns (uint64);

    /// @return fen refunded that the bank has not booked as paid to shoppers.
    function toShoppersFen() external view returns (uint64);

    /// @return fen refunded that nobody could cover yet.
    function dueFen() external view returns (uint64);
}

/// @title Earnings: what members earned in an escrow contract and have not collected
interface IEarnings {
    error NotCredit(address caller);

    /// @notice Gives up what the member earned. Caller: Credit, which credits it. Reverts: NotCredit.
    function giveEarned(uint32 member) external returns (uint64 fen);

    function earnedFen(uint32 member) external view returns (uint64 fen);
}
