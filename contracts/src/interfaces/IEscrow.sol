// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

enum OrderState {
    None,
    Placed,
    Paid,
    Delivered,
    Settled,
    Refunded // in full: what every leg holds of it is zero
}

/// @title Escrow: an order from payment to the credit of everyone it pays
/// @notice None -> Placed -> Paid -> Delivered -> Settled, never back, and from Paid on -> Refunded once nothing of it
///         remains. Order id = keccak256(abi.encode(uint32 merchant, string number)). Legs are repeated packed, as their
///         hash covers them (IRules). Orders come alone, as here, or in batches (IBatches); the arithmetic is one. This contract and Credit name each other: Credit is deployed with the address that the
///         first one gets as a later contract of its deployer; another is admitted by the Council.
interface IEscrow {
    struct OrderTerms {
        string number;
        uint64 amountFen; // 1 .. 9e14
        uint32 rule;
        uint32 carrier;
    }

    struct Refund {
        bytes32 order;
        uint8 number; // of the order's refunds, counted from 1
        uint64 amountFen;
        string reason;
    }

    struct Payment {
        bytes32 order;
        uint64 amountFen;
        string bankReference;
    }

    event OrderPlaced(
        bytes32 indexed order, uint32 indexed merchant, string number, uint64 amountFen, uint32 rule, uint32 carrier
    );
    /// @notice Paid and held in escrow; the order pins this version and its hash.
    event OrderPaid(
        bytes32 indexed order, uint64 amountFen, uint32 rule, uint32 version, bytes32 legsHash, string bankReference
    );
    /// @param evidence the commitment of the statement that shows it, or a checkpoint's hash.
    event OrderDelivered(bytes32 indexed order, uint32 indexed carrier, bytes32 evidence);
    /// @notice Each leg of the pinned version is credited its part of what remained of the order.
    /// @param parts in fen, 8 bytes each, big-endian, in leg order; they sum to what remained.
    event OrderSettled(bytes32 indexed order, bytes parts);
    /// @notice A part of the order, or what remained of it, goes back to the account that paid. Each leg of a settled
    ///         order now holds what the rule gives for the rest; what a payee cannot give back, ICredit.RefundUncovered
    ///         tells next.
    /// @param number counted from 1 within the order.
    /// @param refundedFen of the order so far, this one included.
    event OrderRefunded(
        bytes32 indexed order, uint8 number, uint64 amountFen, uint64 refundedFen, bool settled, string reason
    );

    error BadAmount(string number, uint64 amountFen);
    error BelowMinimum(string number, uint64 amountFen, uint64 minimumFen);
    /// @dev The rule changed between placing and paying, and its fixed legs and floors now exceed the order.
    error PaidBelowMinimum(bytes32 order, uint64 amountFen, uint64 minimumFen);
    error EmptyNumber();
    error OrderExists(bytes32 order);
    error UnknownOrder(bytes32 order);
    error WrongState(bytes32 order, OrderState expected, OrderState actual);
    error WrongPayment(bytes32 order, uint64 expectedFen, uint64 actualFen);
    error NotTheOrdersCarrier(bytes32 order, uint32 member);
    error RuleNotInForce(uint32 rule);
    error RuleOfAnotherMerchant(uint32 rule, uint32 merchant);
    error EvidenceMissing(bytes32 order);
    error NotTheOrdersMerchant(bytes32 order, uint32 member);
    /// @dev Refunds of an order are numbered without holes; `expected` is the next one, 0 when it has had all its 255.
    error RefundOutOfOrder(bytes32 order, uint8 expected, uint8 actual);
    error RefundExceedsRest(bytes32 order, uint64 restFen, uint64 amountFen);

    /// @notice Places orders, all or none. Caller: a merchant, for its own orders, under a rule of its own that is in
    ///         force. A repeat with the same terms is passed over. Event: OrderPlaced, one each that is new. Reverts:
    ///         all of IMembers.requireMayAct; OrderExists for a repeat with other terms;
    ///         EmptyNumber; BadAmount; RuleNotInForce; RuleOfAnotherMerchant; BelowMinimum; UnknownMember,
    ///         MemberNotActive, MissingRole (IMembers) for the carrier.
    function place(OrderTerms[] calldata terms) external;

    /// @notice Mints what buyers paid, holds it, and pins to each order the version of its rule that is in force, all
    ///         or none. Caller: the bank member. A repeat (already paid, same amount) is passed over. Events, one each
    ///         that is new: OrderPaid; ICredit.CreditMinted. Reverts: all of IMembers.requireMayAct;
    ///         UnknownOrder; WrongPayment; PaidBelowMinimum when the version in force has larger fixed legs and floors
    ///         than the order.
    function pay(Payment[] calldata payments) external;

    /// @notice Records that orders arrived, all or none. Caller: the active member with the carrier role that each
    ///         order pins. A repeat is passed over, and the first evidence stands. Event: OrderDelivered, one each that
    ///         is new. Reverts: all of IMembers.requireMayAct; UnknownOrder; NotTheOrdersCarrier;
    ///         EvidenceMissing for zero; WrongState for an order that is not paid.
    function deliver(bytes32[] calldata orders, bytes32 evidence) external;

    /// @notice Splits what remains of delivered orders and credits every fen, all or none: it is the payees' from now on,
    ///         who collect it (ICredit). Caller: anyone. The legs of the
    ///         version that the orders pin are repeated and checked by hash; the split is recomputed here. Event:
    ///         OrderSettled. Reverts: UnknownOrder; WrongState for an order that is not delivered or was settled before,
    ///         also earlier in this call; LegsMismatch (IRules); FunctionIsStopped (IStops).
    /// @param legs packed (IRules).
    function settle(bytes32[] calldata orders, bytes calldata legs) external;

    /// @notice Delivery and the settlement that it causes, in one transaction: as deliver, then as settle. Orders
    ///         settled or refunded in full are passed over. Caller, events and reverts: as those of deliver, then of
    ///         settle.
    /// @dev A stop of deliver or of settle does not stop this function, which is stopped by its own name.
    function deliverAndSettle(bytes32[] calldata orders, bytes32 evidence, bytes calldata legs) external;

    // --- refunded ---

    /// @notice Gives a part of each order, or all that remains, back to whoever paid, all or none; no payee need agree.
    ///         From escrow while the order is not settled; else from the payees, so that each leg holds what the rule
    ///         gives for what remains (ICredit.refund). Caller: the merchant of the orders. A number that was used is
    ///         passed over. Event: OrderRefunded. Reverts: all of IMembers.requireMayAct; UnknownOrder;
    ///         NotTheOrdersMerchant; WrongState for an order that is not paid; RefundOutOfOrder; BadRefund for nothing;
    ///         RefundExceedsRest; LegsMismatch (IRules) when a settled order pins other legs.
    /// @param legs packed (IRules), of the settled orders among them; empty when there is none.
    function refund(Refund[] calldata refunds, bytes calldata legs) external;
    error BadRefund(bytes32 order);

    // --- reads ---

    function orderId(uint32 merchant, string calldata number) external pure returns (bytes32);

    /// @return None for an unknown order.
    function stateOf(bytes32 order) external view returns (OrderState);

    /// @return refundedFen of the order so far; 0 for an unknown one.
    /// @return refunds how many there were.
    function refundsOf(bytes32 order) external view returns (uint64 refundedFen, uint8 refunds);
}

/// @title What Campaigns asks of Escrow
interface IPromotedOrders {
    error NotCampaigns(address caller);

    /// @notice Places promoted orders, as IEscrow.place for this merchant, whose caller Campaigns has asked for. Caller:
    ///         Campaigns. Events: IEscrow.OrderPlaced, one a new order. Reverts: NotCampaigns; as IEscrow.place, OrderExists for
    ///         one that is not promoted.
    /// @param terms with the amounts that are split.
    function placeFor(uint32 merchant, IEscrow.OrderTerms[] calldata terms) external;

    /// @return amountFen that is split when nothing is refunded; 0 for an unknown order.
    function amountOf(bytes32 order) external view returns (uint64 amountFen);
}
