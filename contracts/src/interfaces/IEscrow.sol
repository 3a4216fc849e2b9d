// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Leg} from "./IRules.sol";

enum OrderState {
    None,
    Placed,
    Paid,
    Delivered,
    Settled
}

/// @title Escrow: an order from payment to the credit of everyone it pays
/// @notice order id = keccak256(abi.encode(uint32 merchant, string number)).
interface IEscrow {
    struct OrderTerms {
        string number;
        uint64 amountFen; // 1 .. 9e14
        uint32 rule;
        uint32 carrier;
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
    event OrderSettled(bytes32 indexed order, uint32 rule, uint32 version, uint64[] amountsFen);
    /// @notice One a leg, in leg order, zero amounts left out.
    event PayoutCredited(bytes32 indexed order, uint32 indexed payee, uint8 leg, uint64 amountFen);

    error BadAmount(string number, uint64 amountFen);
    error BelowMinimum(string number, uint64 amountFen, uint64 minimumFen);
    /// @dev The rule changed between placing and paying, and its fixed legs now exceed the order.
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

    /// @notice Caller: a merchant, for its own orders, under a rule of its own that is in force. A repeat with the same terms is
    ///         passed over; with other terms OrderExists.
    function place(
        OrderTerms[] calldata terms
    ) external;
    /// @notice Caller: the bank member. Mints what the buyer paid and holds it. A repeat (already paid, same amount) is passed over.
    ///         Pins the version in force. BelowMinimum when smaller than its fixed legs.
    function pay(
        Payment[] calldata payments
    ) external;
    /// @notice Caller: the carrier that each order pins. A repeat is passed over.
    function deliver(
        bytes32[] calldata orders,
        bytes32 evidence
    ) external;
    /// @notice Anyone. All orders pin the same rule version, whose legs are repeated and checked by hash. Recomputes the split,
    ///         places every fen. A second time reverts WrongState.
    function settle(
        bytes32[] calldata orders,
        Leg[] calldata legs
    ) external;
    /// @notice Delivery and the settlement that it causes, in one transaction. Orders already settled are passed over.
    function deliverAndSettle(
        bytes32[] calldata orders,
        bytes32 evidence,
        Leg[] calldata legs
    ) external;

    function orderId(
        uint32 merchant,
        string calldata number
    ) external pure returns (bytes32);
    function stateOf(
        bytes32 order
    ) external view returns (OrderState);
    /// @notice Amounts by leg, in leg order, that sum to amountFen.
    function allocate(
        uint64 amountFen,
        Leg[] calldata legs
    ) external pure returns (uint64[] memory amountsFen);
}
