// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICampaigns} from "../interfaces/ICampaigns.sol";
import {ICredit, IEarnings} from "../interfaces/ICredit.sol";
import {IEscrow, IPromotedOrders, OrderState} from "../interfaces/IEscrow.sol";
import {IMembers, Role} from "../interfaces/IMembers.sol";
import {IRules} from "../interfaces/IRules.sol";
import {ITiers} from "../interfaces/ITiers.sol";
import {Split} from "../libraries/Split.sol";

/// @title Orders: what comes alone
/// @notice See IEscrow.
abstract contract Orders is IEscrow, IPromotedOrders, IEarnings {
    /// @dev 256 bits: one slot an order, and nothing else is stored of it.
    struct Order {
        uint56 amountFen; // at most 9e14
        uint56 refundedFen;
        uint32 merchant;
        uint32 carrier;
        uint32 rule;
        uint24 version; // 0 until paid; the variant in its high 8 bits
        OrderState state;
        uint8 refunds;
        uint8 flags;
    }

    /// @dev Flags of an order: its campaigns' sponsors pay a part of it (ICampaigns).
    uint8 internal constant PROMOTED = 1;

    // Where in an order's slot its parts begin; the amount begins at 0.
    uint256 private constant REFUNDED_AT = 56;
    uint256 private constant MERCHANT_AT = 112;
    uint256 private constant RULE_AT = 176;
    uint256 private constant VERSION_AT = 208;
    uint256 private constant STATE_AT = 232;
    uint256 private constant REFUNDS_AT = 240;

    IMembers public immutable members;
    IRules public immutable rules;
    ICredit public immutable credit;
    ITiers public immutable tiers;
    ICampaigns public immutable campaigns;

    mapping(bytes32 order => Order) internal _orders;

    /// @dev In fen, not yet collected.
    mapping(uint32 member => uint256) private _earned;

    /// @dev Kept here too, so that a settlement need not ask.
    mapping(uint256 ruleAndVersion => bytes32) private _legsHashes;

    constructor(IMembers members_, IRules rules_, ICredit credit_, ITiers tiers_, ICampaigns campaigns_) {
        members = members_;
        rules = rules_;
        credit = credit_;
        tiers = tiers_;
        campaigns = campaigns_;
    }

    // --- placed ---

    /// @inheritdoc IEscrow
    function place(OrderTerms[] calldata terms) external {
        _placeAll(members.requireMayAct(msg.sender, Role.MERCHANT, msg.sig), terms, 0);
    }

    /// @inheritdoc IPromotedOrders
    function placeFor(uint32 merchant, OrderTerms[] calldata terms) external {
        if (msg.sender != address(campaigns)) revert NotCampaigns(msg.sender);
        _placeAll(merchant, terms, PROMOTED);
    }

    function _placeAll(uint32 merchant, OrderTerms[] calldata terms, uint8 flags) private {
        for (uint256 i = 0; i < terms.length; ++i) {
            _place(merchant, terms[i], flags);
        }
    }

    function _place(uint32 merchant, OrderTerms calldata terms, uint8 flags) private {
        bytes32 id = orderId(merchant, terms.number);
        Order memory order = _orders[id];
        if (order.state != OrderState.None) {
            bool same = order.amountFen == terms.amountFen && order.rule == terms.rule && order.carrier == terms.carrier
                && order.flags == flags;
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
            refunds: 0,
            flags: flags
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
        uint64 shopperFen = order.flags & PROMOTED == 0 ? amountFen : campaigns.pay(payment.order);
        if (payment.amountFen != shopperFen) revert WrongPayment(payment.order, shopperFen, payment.amountFen);
        if (order.state != OrderState.Placed) return;
        uint32 rule = order.rule;
        (uint32 version, bytes32 legsHash, uint64 minimumFen) = _pin(rule, amountFen);
        // The version in force may be another than when the order was placed.
        if (amountFen < minimumFen) revert PaidBelowMinimum(payment.order, amountFen, minimumFen);

        order.version = uint24(version); // Rules and Tiers count no further
        order.state = OrderState.Paid;

        emit OrderPaid(payment.order, amountFen, rule, version, legsHash, payment.bankReference);

        credit.mintToEscrow(payment.order, shopperFen, payment.bankReference);
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
        uint256 slot = _slotOf(id);
        if (!_isIn(OrderState.Delivered, slot)) _refuseToSettle(id);
        _requireLegs(uint32(slot >> RULE_AT), uint24(slot >> VERSION_AT), legsHash);
        bytes memory parts = Split.add(_restOf(slot), legs, entries);

        unchecked {
            _setSlot(id, slot + (uint256(1) << STATE_AT)); // Settled follows Delivered
        }

        emit OrderSettled(id, parts);
    }

    function _refuseToSettle(bytes32 id) private view {
        revert WrongState(id, OrderState.Delivered, _known(id).state);
    }

    // --- refunded ---

    /// @inheritdoc IEscrow
    function refund(Refund[] calldata refunds, bytes memory legs) external {
        uint32 merchant = members.requireMayAct(msg.sender, Role.MERCHANT, msg.sig);

        (uint256[] memory held, uint256[] memory kept) = (Split.entries(legs), Split.entries(legs));
        uint256 fromEscrowFen = 0;
        unchecked {
            for (uint256 i = 0; i < refunds.length; ++i) {
                fromEscrowFen += _refund(merchant, refunds[i], legs, held, kept);
            }
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
    ) private returns (uint256 fromEscrowFen) {
        bytes32 id = wanted.order;
        uint256 slot = _slotOf(id);
        // Of an order that is not known no merchant is.
        if (uint32(slot >> MERCHANT_AT) != merchant) _refuseToRefund(id, merchant);
        if (_isIn(OrderState.Placed, slot)) revert WrongState(id, OrderState.Paid, OrderState.Placed);
        uint256 amountFen = wanted.amountFen;
        uint256 restFen = _restOf(slot);
        unchecked {
            uint256 number = uint256(uint8(slot >> REFUNDS_AT)) + 1;
            if (wanted.number != number) {
                if (wanted.number != 0 && wanted.number < number) return 0;
                revert RefundOutOfOrder(id, uint8(number), wanted.number);
            }
            if (amountFen == 0) revert BadRefund(id);
            if (amountFen > restFen) revert RefundExceedsRest(id, uint64(restFen), uint64(amountFen));
            slot += (amountFen << REFUNDED_AT) + (uint256(1) << REFUNDS_AT);
        }
        bool settled = _isIn(OrderState.Settled, slot);
        if (settled) _addHeldAndKept(slot, restFen, legs, held, kept);

        _setSlot(id, amountFen == restFen ? _refundedIn(slot) : slot);

        emit OrderRefunded(
            id, uint8(slot >> REFUNDS_AT), uint64(amountFen), uint56(slot >> REFUNDED_AT), settled, wanted.reason
        );

        return settled ? 0 : amountFen;
    }

    function _addHeldAndKept(
        uint256 slot,
        uint256 restFen,
        bytes memory legs,
        uint256[] memory held,
        uint256[] memory kept
    ) private view {
        _requireLegs(uint32(slot >> RULE_AT), uint24(slot >> VERSION_AT), keccak256(legs));
        // The parts are told by the rule.
        // slither-disable-next-line unused-return
        Split.add(restFen, legs, held);
        // slither-disable-next-line unused-return
        Split.add(_restOf(slot), legs, kept);
    }

    function _refuseToRefund(bytes32 id, uint32 merchant) private view {
        // slither-disable-next-line unused-return // only that it is known
        _known(id);
        revert NotTheOrdersMerchant(id, merchant);
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
        if (held.length == 0) {
            if (fromEscrowFen != 0) credit.refund(uint64(fromEscrowFen), 0, held);
            return;
        }
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

    /// @dev The version in force, with its variant where it has any, whose legs settlements will repeat.
    function _pin(uint32 rule, uint64 amountFen)
        internal
        returns (uint32 version, bytes32 legsHash, uint64 minimumFen)
    {
        bool resolved;
        (version, legsHash, minimumFen, resolved) = rules.toPin(rule);
        if (resolved) {
            uint256 variant;
            (variant, legsHash) = tiers.pin(rule, version, amountFen);
            version |= uint32(variant << 16);
        }
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

    /// @inheritdoc IPromotedOrders
    function amountOf(bytes32 order) external view returns (uint64) {
        return _orders[order].amountFen;
    }

    // --- an order's slot at once: what is done most to an order need not take it apart ---

    function _slotOf(bytes32 id) private view returns (uint256 slot) {
        Order storage order = _orders[id];
        assembly ("memory-safe") {
            slot := sload(order.slot)
        }
    }

    function _setSlot(bytes32 id, uint256 slot) private {
        Order storage order = _orders[id];
        assembly ("memory-safe") {
            sstore(order.slot, slot)
        }
    }

    function _isIn(OrderState state, uint256 slot) private pure returns (bool) {
        return uint8(slot >> STATE_AT) == uint8(state);
    }

    /// @dev The same in state Refunded.
    function _refundedIn(uint256 slot) private pure returns (uint256) {
        return slot & ~(uint256(0xff) << STATE_AT) | uint256(OrderState.Refunded) << STATE_AT;
    }

    /// @dev The amount less what was refunded of it, which is never more.
    function _restOf(uint256 slot) private pure returns (uint256 fen) {
        unchecked {
            return uint56(slot) - uint56(slot >> REFUNDED_AT);
        }
    }

    function _known(bytes32 id) private view returns (Order storage order) {
        order = _orders[id];
        if (order.state == OrderState.None) revert UnknownOrder(id);
    }
}
