// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "./interfaces/ICredit.sol";
import {IEscrow, OrderState} from "./interfaces/IEscrow.sol";
import {IMembers, Role} from "./interfaces/IMembers.sol";
import {IRules, Leg} from "./interfaces/IRules.sol";
import {Split} from "./libraries/Split.sol";

/// @title Escrow
/// @notice See IEscrow.
contract Escrow is IEscrow {
    /// @dev 200 bits: one slot an order, and nothing else is stored of it.
    struct Order {
        uint64 amountFen;
        uint32 merchant;
        uint32 carrier;
        uint32 rule;
        uint32 version; // 0 until paid
        OrderState state;
    }

    IMembers public immutable members;
    IRules public immutable rules;
    ICredit public immutable credit;

    mapping(bytes32 order => Order) private _orders;

    constructor(IMembers members_, IRules rules_, ICredit credit_) {
        members = members_;
        rules = rules_;
        credit = credit_;
    }

    // --- placed ---

    /// @inheritdoc IEscrow
    function place(OrderTerms[] calldata terms) external {
        uint32 merchant = members.requireMayAct(msg.sender, Role.MERCHANT, msg.sig);

        for (uint256 i = 0; i < terms.length; ++i) {
            _place(merchant, terms[i]);
        }
    }

    function _place(uint32 merchant, OrderTerms calldata terms) private {
        bytes32 id = orderId(merchant, terms.number);
        Order memory order = _orders[id];
        if (order.state != OrderState.None) {
            bool same = order.amountFen == terms.amountFen && order.rule == terms.rule && order.carrier == terms.carrier;
            if (!same) revert OrderExists(id);
            return;
        }
        if (bytes(terms.number).length == 0) revert EmptyNumber();
        if (terms.amountFen == 0 || terms.amountFen > Split.MOST_FEN) revert BadAmount(terms.number, terms.amountFen);
        // slither-disable-next-line unused-return // the hash is pinned when the order is paid
        (uint32 version,, uint32 rulesMerchant) = rules.inForce(terms.rule);
        if (version == 0) revert RuleNotInForce(terms.rule);
        if (rulesMerchant != merchant) revert RuleOfAnotherMerchant(terms.rule, merchant);
        uint64 minimumFen = rules.minimumFen(terms.rule, version);
        if (terms.amountFen < minimumFen) revert BelowMinimum(terms.number, terms.amountFen, minimumFen);
        members.requireMemberRole(terms.carrier, Role.CARRIER);

        _orders[id] = Order({
            amountFen: terms.amountFen,
            merchant: merchant,
            carrier: terms.carrier,
            rule: terms.rule,
            version: 0,
            state: OrderState.Placed
        });

        emit OrderPlaced(id, merchant, terms.number, terms.amountFen, terms.rule, terms.carrier);
    }

    // --- paid ---

    /// @inheritdoc IEscrow
    function pay(Payment[] calldata payments) external {
        // It reverts for anyone else; which member the bank is does not matter.
        // slither-disable-next-line unused-return
        members.requireMayAct(msg.sender, Role.BANK, msg.sig);

        for (uint256 i = 0; i < payments.length; ++i) {
            _pay(payments[i]);
        }
    }

    function _pay(Payment calldata payment) private {
        Order storage order = _known(payment.order);
        uint64 amountFen = order.amountFen;
        if (payment.amountFen != amountFen) revert WrongPayment(payment.order, amountFen, payment.amountFen);
        if (order.state != OrderState.Placed) return;
        uint32 rule = order.rule;
        // slither-disable-next-line unused-return // whose rule it is was checked when the order was placed
        (uint32 version, bytes32 legsHash,) = rules.inForce(rule);
        uint64 minimumFen = rules.minimumFen(rule, version);
        // The version in force may be another than when the order was placed.
        if (amountFen < minimumFen) revert PaidBelowMinimum(payment.order, amountFen, minimumFen);

        order.version = version;
        order.state = OrderState.Paid;

        emit OrderPaid(payment.order, amountFen, rule, version, legsHash, payment.bankReference);

        credit.mintToEscrow(payment.order, amountFen, payment.bankReference);
    }

    // --- delivered ---

    /// @inheritdoc IEscrow
    function deliver(bytes32[] calldata orders, bytes32 evidence) external {
        uint32 carrier = members.requireMayAct(msg.sender, Role.CARRIER, msg.sig);

        for (uint256 i = 0; i < orders.length; ++i) {
            _deliver(carrier, orders[i], evidence);
        }
    }

    function _deliver(uint32 carrier, bytes32 id, bytes32 evidence) private {
        Order storage order = _known(id);
        if (order.carrier != carrier) revert NotTheOrdersCarrier(id, carrier);
        if (evidence == 0) revert EvidenceMissing(id);
        if (order.state == OrderState.Placed) revert WrongState(id, OrderState.Paid, OrderState.Placed);
        if (order.state != OrderState.Paid) return;

        order.state = OrderState.Delivered;

        emit OrderDelivered(id, carrier, evidence);
    }

    // --- settled ---

    /// @inheritdoc IEscrow
    function settle(bytes32[] calldata orders, Leg[] calldata legs) external {
        members.requireNotStopped(msg.sig);

        uint64[] memory totalsFen = new uint64[](legs.length);
        for (uint256 i = 0; i < orders.length; ++i) {
            _settle(orders[i], legs, totalsFen);
        }

        _release(legs, totalsFen);
    }

    /// @inheritdoc IEscrow
    function deliverAndSettle(bytes32[] calldata orders, bytes32 evidence, Leg[] calldata legs) external {
        uint32 carrier = members.requireMayAct(msg.sender, Role.CARRIER, msg.sig);

        uint64[] memory totalsFen = new uint64[](legs.length);
        for (uint256 i = 0; i < orders.length; ++i) {
            _deliver(carrier, orders[i], evidence);
            if (_orders[orders[i]].state == OrderState.Settled) continue;
            _settle(orders[i], legs, totalsFen);
        }

        _release(legs, totalsFen);
    }

    /// @dev Adds what each leg takes of this order to `totalsFen`; the caller releases them once for all its orders.
    function _settle(bytes32 id, Leg[] calldata legs, uint64[] memory totalsFen) private {
        Order storage order = _known(id);
        if (order.state != OrderState.Delivered) revert WrongState(id, OrderState.Delivered, order.state);
        (uint32 rule, uint32 version) = (order.rule, order.version);
        bytes32 expected = rules.legsHashOf(rule, version);
        bytes32 actual = keccak256(abi.encode(legs));
        if (actual != expected) revert IRules.LegsMismatch(expected, actual);
        uint64[] memory amountsFen = Split.allocate(order.amountFen, legs);

        order.state = OrderState.Settled;

        emit OrderSettled(id, rule, version, amountsFen);
        for (uint256 i = 0; i < legs.length; ++i) {
            if (amountsFen[i] == 0) continue;
            totalsFen[i] += amountsFen[i];
            emit PayoutCredited(id, legs[i].payee, uint8(i), amountsFen[i]);
        }
    }

    function _release(Leg[] calldata legs, uint64[] memory totalsFen) private {
        uint32[] memory payees = new uint32[](legs.length);
        for (uint256 i = 0; i < legs.length; ++i) {
            payees[i] = legs[i].payee;
        }

        credit.release(payees, totalsFen);
    }

    // --- reads ---

    /// @inheritdoc IEscrow
    function orderId(uint32 merchant, string calldata number) public pure returns (bytes32) {
        return keccak256(abi.encode(merchant, number));
    }

    /// @inheritdoc IEscrow
    function stateOf(bytes32 order) external view returns (OrderState) {
        return _orders[order].state;
    }

    /// @inheritdoc IEscrow
    function allocate(uint64 amountFen, Leg[] calldata legs) external pure returns (uint64[] memory amountsFen) {
        if (amountFen > Split.MOST_FEN) revert IRules.AmountTooLarge(amountFen);
        Split.checkLegs(legs);
        return Split.allocate(amountFen, legs);
    }

    function _known(bytes32 id) private view returns (Order storage order) {
        order = _orders[id];
        if (order.state == OrderState.None) revert UnknownOrder(id);
    }
}
