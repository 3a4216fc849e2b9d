// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit, IEarnings} from "../interfaces/ICredit.sol";
import {IEscrow, OrderState} from "../interfaces/IEscrow.sol";
import {IMembers, Role} from "../interfaces/IMembers.sol";
import {IRules, Leg} from "../interfaces/IRules.sol";
import {Split} from "../libraries/Split.sol";

/// @title Orders: what comes alone
/// @notice See IEscrow.
abstract contract Orders is IEscrow, IEarnings {
    /// @dev 248 bits: one slot an order, and nothing else is stored of it.
    struct Order {
        uint56 amountFen; // at most 9e14
        uint56 refundedFen;
        uint32 merchant;
        uint32 carrier;
        uint32 rule;
        uint24 version; // 0 until paid
        OrderState state;
        uint8 refunds;
    }

    IMembers public immutable members;
    IRules public immutable rules;
    ICredit public immutable credit;

    mapping(bytes32 order => Order) internal _orders;

    /// @dev In fen, not yet collected.
    mapping(uint32 member => uint256) private _earned;

    /// @dev Kept here too, so that a settlement need not ask.
    mapping(uint256 ruleAndVersion => bytes32) private _legsHashes;

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
        uint32 version = _requireOwnRule(merchant, terms.rule);
        uint64 minimumFen = rules.minimumFen(terms.rule, version);
        if (terms.amountFen < minimumFen) revert BelowMinimum(terms.number, terms.amountFen, minimumFen);
        members.requireMemberRole(terms.carrier, Role.CARRIER);

        _orders[id] = Order({
            amountFen: uint56(terms.amountFen),
            refundedFen: 0,
            merchant: merchant,
            carrier: terms.carrier,
            rule: terms.rule,
            version: 0,
            state: OrderState.Placed,
            refunds: 0
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
        (uint32 version, bytes32 legsHash, uint64 minimumFen) = _pin(rule);
        // The version in force may be another than when the order was placed.
        if (amountFen < minimumFen) revert PaidBelowMinimum(payment.order, amountFen, minimumFen);

        order.version = uint24(version); // Rules counts no further
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

    /// @return waiting whether it now waits to be settled.
    function _deliver(uint32 carrier, bytes32 id, bytes32 evidence) private returns (bool waiting) {
        Order memory order = _known(id);
        if (order.carrier != carrier) revert NotTheOrdersCarrier(id, carrier);
        if (evidence == 0) revert EvidenceMissing(id);
        if (order.state == OrderState.Placed) revert WrongState(id, OrderState.Paid, OrderState.Placed);
        if (order.state != OrderState.Paid) return order.state == OrderState.Delivered;

        _orders[id].state = OrderState.Delivered;

        emit OrderDelivered(id, carrier, evidence);

        return true;
    }

    // --- settled ---

    /// @inheritdoc IEscrow
    function settle(bytes32[] calldata orders, bytes memory legs) external {
        members.requireNotStopped(msg.sig);

        uint256[] memory entries = Split.entries(legs);
        bytes32 legsHash = keccak256(legs);
        unchecked {
            for (uint256 i = 0; i < orders.length; ++i) {
                _settle(orders[i], legs, legsHash, entries);
            }
        }

        _earn(entries);
    }

    /// @inheritdoc IEscrow
    function deliverAndSettle(bytes32[] calldata orders, bytes32 evidence, bytes memory legs) external {
        uint32 carrier = members.requireMayAct(msg.sender, Role.CARRIER, msg.sig);

        uint256[] memory entries = Split.entries(legs);
        bytes32 legsHash = keccak256(legs);
        for (uint256 i = 0; i < orders.length; ++i) {
            if (_deliver(carrier, orders[i], evidence)) _settle(orders[i], legs, legsHash, entries);
        }

        _earn(entries);
    }

    /// @dev Adds what each leg takes of this order to its entry; the caller credits them once for all its orders.
    function _settle(bytes32 id, bytes memory legs, bytes32 legsHash, uint256[] memory entries) private {
        Order storage order = _orders[id];
        // The whole slot at once: of all that is done to an order this is done most.
        uint256 slot;
        assembly ("memory-safe") {
            slot := sload(order.slot)
        }
        if (uint8(slot >> 232) != uint8(OrderState.Delivered)) _refuseToSettle(id);
        _requireLegs(uint32(slot >> 176), uint24(slot >> 208), legsHash);
        bytes memory parts = Split.add(_restOf(slot), legs, entries);

        slot += uint256(1) << 232; // Settled follows Delivered
        assembly ("memory-safe") {
            sstore(order.slot, slot)
        }

        emit OrderSettled(id, parts);
    }

    function _refuseToSettle(bytes32 id) private view {
        revert WrongState(id, OrderState.Delivered, _known(id).state);
    }

    /// @dev The amount less what was refunded of it, which is never more.
    function _restOf(uint256 slot) private pure returns (uint256 fen) {
        unchecked {
            return uint56(slot) - uint56(slot >> 56);
        }
    }

    // --- refunded ---

    /// @inheritdoc IEscrow
    function refund(Refund[] calldata refunds, bytes memory legs) external {
        uint32 merchant = members.requireMayAct(msg.sender, Role.MERCHANT, msg.sig);

        (uint256[] memory held, uint256[] memory kept) = (Split.entries(legs), Split.entries(legs));
        uint64 fromEscrowFen = 0;
        for (uint256 i = 0; i < refunds.length; ++i) {
            fromEscrowFen += _refund(merchant, refunds[i], legs, held, kept);
        }

        _giveBack(fromEscrowFen, held, kept);
    }

    /// @dev Adds what each leg of a settled order held, and what it keeps.
    /// @return fromEscrowFen the refund of an order that is not settled.
    function _refund(
        uint32 merchant,
        Refund calldata wanted,
        bytes memory legs,
        uint256[] memory held,
        uint256[] memory kept
    ) private returns (uint64 fromEscrowFen) {
        bytes32 id = wanted.order;
        Order memory order = _known(id);
        if (order.merchant != merchant) revert NotTheOrdersMerchant(id, merchant);
        if (order.state == OrderState.Placed) revert WrongState(id, OrderState.Paid, OrderState.Placed);
        if (wanted.number != 0 && wanted.number <= order.refunds) return 0;
        if (wanted.number != order.refunds + 1) revert RefundOutOfOrder(id, order.refunds + 1, wanted.number);
        if (wanted.amountFen == 0) revert BadRefund(id);
        uint64 restFen = order.amountFen - order.refundedFen;
        if (wanted.amountFen > restFen) revert RefundExceedsRest(id, restFen, wanted.amountFen);
        bool settled = order.state == OrderState.Settled;
        if (settled) {
            _requireLegs(order.rule, order.version, keccak256(legs));
            // The parts are told by the rule.
            // slither-disable-next-line unused-return
            Split.add(restFen, legs, held);
            // slither-disable-next-line unused-return
            Split.add(restFen - wanted.amountFen, legs, kept);
        }

        order.refunds = wanted.number;
        order.refundedFen += uint56(wanted.amountFen);
        if (wanted.amountFen == restFen) order.state = OrderState.Refunded;
        _orders[id] = order;

        emit OrderRefunded(id, wanted.number, wanted.amountFen, order.refundedFen, settled, wanted.reason);

        return settled ? 0 : wanted.amountFen;
    }

    // --- for both rails ---

    /// @dev A payee and an amount each.
    function _earn(uint256[] memory entries) internal {
        unchecked {
            for (uint256 i = 0; i < entries.length; ++i) {
                uint256 entry = entries[i];
                if (uint64(entry) != 0) _earned[uint32(entry >> 64)] += uint64(entry);
            }
        }
    }

    /// @dev Gives to shoppers `fromEscrowFen`, and of each leg what it held and does not keep: from what its payee has not
    ///      collected, else from what it has (ICredit.refund). A residual may keep more than it held.
    function _giveBack(uint256 fromEscrowFen, uint256[] memory held, uint256[] memory kept) internal {
        uint256[] memory debits = new uint256[](held.length);
        uint256 count = 0;
        uint256 gainedFen = 0;
        for (uint256 i = 0; i < held.length; ++i) {
            if (kept[i] >= held[i]) {
                gainedFen += kept[i] - held[i];
                continue;
            }
            uint256 takenFen = _takeEarned(held[i], held[i] - kept[i]);
            fromEscrowFen += takenFen;
            if (held[i] - kept[i] > takenFen) {
                debits[count++] = held[i] >> 64 << 64 | (held[i] - kept[i] - takenFen);
            }
        }
        if (gainedFen != 0) _gain(held, kept);
        assembly ("memory-safe") {
            mstore(debits, count)
        }
        if (fromEscrowFen == 0 && count == 0) return;
        // Below 2^63, as every sum.
        (uint64 fromHeld, uint64 toHeld) = fromEscrowFen > gainedFen
            ? (uint64(fromEscrowFen - gainedFen), uint64(0))
            : (uint64(0), uint64(gainedFen - fromEscrowFen));
        credit.refund(fromHeld, toHeld, debits);
    }

    /// @return takenFen what there was of it.
    function _takeEarned(uint256 entry, uint256 amountFen) private returns (uint256 takenFen) {
        uint32 member = uint32(entry >> 64);
        uint256 earned = _earned[member];
        takenFen = amountFen < earned ? amountFen : earned;
        if (takenFen != 0) _earned[member] = earned - takenFen;
    }

    function _gain(uint256[] memory held, uint256[] memory kept) private {
        for (uint256 i = 0; i < held.length; ++i) {
            if (kept[i] > held[i]) _earned[uint32(held[i] >> 64)] += kept[i] - held[i];
        }
    }

    /// @return version in force of a rule that is the merchant's own.
    function _requireOwnRule(uint32 merchant, uint32 rule) internal view returns (uint32 version) {
        uint32 rulesMerchant;
        // slither-disable-next-line unused-return // the hash is pinned when the order is paid
        (version,, rulesMerchant) = rules.inForce(rule);
        if (version == 0) revert RuleNotInForce(rule);
        if (rulesMerchant != merchant) revert RuleOfAnotherMerchant(rule, merchant);
    }

    /// @dev The version in force, whose legs settlements will repeat.
    function _pin(uint32 rule) internal returns (uint32 version, bytes32 legsHash, uint64 minimumFen) {
        // slither-disable-next-line unused-return // whose rule it is was checked when the order was placed
        (version, legsHash,) = rules.inForce(rule);
        minimumFen = rules.minimumFen(rule, version);
        uint256 key = uint256(rule) << 32 | version;
        if (_legsHashes[key] == 0) _legsHashes[key] = legsHash;
    }

    function _requireLegs(uint32 rule, uint32 version, bytes32 legsHash) internal view {
        bytes32 expected = _legsHashes[uint256(rule) << 32 | version];
        if (legsHash != expected) revert IRules.LegsMismatch(expected, legsHash);
    }

    // --- collected ---

    /// @inheritdoc IEarnings
    function giveEarned(uint32 member) external returns (uint64 fen) {
        if (msg.sender != address(credit)) revert NotCredit(msg.sender);
        fen = uint64(_earned[member]);

        if (fen != 0) delete _earned[member];
    }

    // --- reads ---

    /// @inheritdoc IEarnings
    function earnedFen(uint32 member) external view returns (uint64) {
        return uint64(_earned[member]);
    }

    /// @inheritdoc IEscrow
    function orderId(uint32 merchant, string calldata number) public pure returns (bytes32) {
        return keccak256(abi.encode(merchant, number));
    }

    /// @inheritdoc IEscrow
    function stateOf(bytes32 order) external view returns (OrderState) {
        return _orders[order].state;
    }

    /// @inheritdoc IEscrow
    function refundsOf(bytes32 order) external view returns (uint64 refundedFen, uint8 refunds) {
        return (_orders[order].refundedFen, _orders[order].refunds);
    }

    /// @inheritdoc IEscrow
    function allocate(uint64 amountFen, Leg[] calldata legs) external pure returns (uint64[] memory amountsFen) {
        if (amountFen > Split.MOST_FEN) revert IRules.AmountTooLarge(amountFen);
        Split.checkLegs(legs);
        uint256[] memory totals = new uint256[](legs.length);
        // slither-disable-next-line unused-return // the totals of one amount are its parts
        Split.add(amountFen, Split.pack(legs), totals);
        // The same words under a narrower type.
        assembly ("memory-safe") {
            amountsFen := totals
        }
    }

    function _known(bytes32 id) private view returns (Order storage order) {
        order = _orders[id];
        if (order.state == OrderState.None) revert UnknownOrder(id);
    }
}
