// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {OrderState} from "../interfaces/IEscrow.sol";
import {IBatches} from "../interfaces/IBatches.sol";
import {Role} from "../interfaces/IMembers.sol";
import {Chunks} from "../libraries/Chunks.sol";
import {Split} from "../libraries/Split.sol";
import {Orders} from "./Orders.sol";

/// @title Batches: what comes by the thousand
/// @notice See IBatches.
abstract contract Batches is IBatches, Orders {
    uint16 private constant MOST_ORDERS = 4096;
    uint8 private constant MOST_WIDTH = 7;

    struct Batch {
        bytes32 amountsRoot;
        uint64 totalFen;
        uint32 merchant;
        uint32 carrier;
        uint32 rule;
        uint24 version; // 0 until paid; the variant in its high 8 bits
        uint16 count;
        uint8 width;
    }

    struct Marks {
        uint256 settled;
        uint256 closed;
    }

    /// @dev Marks of orders whose amounts are split among the legs, and of those whose amounts are only summed.
    struct Chosen {
        uint256[] split;
        uint256[] summed;
    }

    /// @dev What is split, and into what.
    struct Reckoning {
        bytes legs;
        uint256[] entries;
        uint256[] amountsFen; // that wait to be split together, each at least `ampleFen`
        uint256 sumFen; // of these
        uint256 ampleFen;
    }

    /// @dev For so many amounts that are split together.
    uint256 private constant ROOM = 256;

    mapping(bytes32 batch => Batch) private _batches;
    mapping(bytes32 batch => mapping(uint256 word => Marks)) private _marks;

    // --- placed ---

    /// @inheritdoc IBatches
    function placeBatch(BatchTerms calldata terms) external returns (bytes32 batch) {
        uint32 merchant = members.requireMayAct(msg.sender, Role.MERCHANT, msg.sig);
        batch = batchId(merchant, terms);
        if (_batches[batch].count != 0) return batch;
        bool sized = terms.count != 0 && terms.count <= MOST_ORDERS && terms.width != 0 && terms.width <= MOST_WIDTH;
        if (!sized || terms.totalFen == 0) revert BadBatch(terms.count, terms.width, terms.totalFen);
        _requireOwnRule(merchant, terms.rule);
        members.requireMemberRole(terms.carrier, Role.CARRIER);

        _batches[batch] = Batch({
            amountsRoot: terms.amountsRoot,
            totalFen: terms.totalFen,
            merchant: merchant,
            carrier: terms.carrier,
            rule: terms.rule,
            version: 0,
            count: terms.count,
            width: terms.width
        });

        emit BatchPlaced(
            batch,
            merchant,
            terms.manifest,
            terms.amountsRoot,
            terms.totalFen,
            terms.rule,
            terms.carrier,
            terms.count,
            terms.width
        );
    }

    // --- paid ---

    /// @inheritdoc IBatches
    // Tiers, which pins, is ours and calls back nobody.
    // slither-disable-next-line reentrancy-no-eth
    function payBatch(bytes32 batch, bytes calldata amounts, string calldata bankReference) external {
        // It reverts for anyone else; which member the bank is does not matter.
        // slither-disable-next-line unused-return
        members.requireMayAct(msg.sender, Role.BANK, msg.sig);
        Batch memory terms = _batch(batch);
        if (terms.version != 0) return;
        (uint32 version, bytes32 legsHash, uint64 minimumFen) = _pin(terms.rule, terms.totalFen);
        _requireAmounts(batch, terms, amounts, minimumFen);

        _batches[batch].version = uint24(version); // Rules and Tiers count no further

        emit BatchPaid(batch, terms.rule, version, legsHash, bankReference, amounts);

        credit.mintToEscrow(batch, terms.totalFen, bankReference);
    }

    /// @dev They are those of the root, each one that the rule serves, and they sum to the total.
    function _requireAmounts(bytes32 batch, Batch memory terms, bytes calldata amounts, uint64 minimumFen)
        private
        pure
    {
        uint256 expectedBytes = uint256(terms.count) * terms.width;
        if (amounts.length != expectedBytes) revert BadChunks(batch, expectedBytes, amounts.length);
        bytes32 root = Chunks.rootOf(amounts, terms.width);
        if (root != terms.amountsRoot) revert AmountsMismatch(batch, terms.amountsRoot, root);
        uint256 leastFen = minimumFen == 0 ? 1 : minimumFen;
        (uint256 sumFen, bool within) = Chunks.sum(amounts, terms.width, leastFen, Split.MOST_FEN);
        if (!within) _refuseAmount(batch, terms, amounts, leastFen);
        if (sumFen != terms.totalFen) revert TotalMismatch(batch, terms.totalFen, sumFen);
    }

    /// @dev Names the first that is out of bounds.
    function _refuseAmount(bytes32 batch, Batch memory terms, bytes calldata amounts, uint256 leastFen) private pure {
        for (uint256 i = 0; i < terms.count; ++i) {
            uint256 amountFen = Chunks.amountAt(amounts, i * terms.width, terms.width);
            bool within = amountFen >= leastFen && amountFen <= Split.MOST_FEN;
            if (!within) revert BadAmountInBatch(batch, uint32(i), amountFen);
        }
    }

    // --- settled ---

    /// @inheritdoc IBatches
    function settleBatch(
        bytes32 batch,
        uint256[] calldata delivered,
        bytes calldata chunks,
        bytes32 evidence,
        bytes memory legs
    ) external {
        uint32 carrier = members.requireMayAct(msg.sender, Role.CARRIER, msg.sig);
        Batch memory terms = _paid(batch);
        if (terms.carrier != carrier) revert NotTheBatchsCarrier(batch, carrier);
        if (evidence == 0) revert BatchEvidenceMissing(batch);
        _requireLegs(terms.rule, terms.version, keccak256(legs));

        uint256[] memory settled = new uint256[](delivered.length);
        bool any = false;
        for (uint256 word = 0; word < delivered.length; ++word) {
            Marks storage marks = _marks[batch][word];
            uint256 already = marks.settled;
            settled[word] = delivered[word] & ~(already | marks.closed);
            if (settled[word] == 0) continue;
            any = true;
            marks.settled = already | settled[word];
        }
        if (!any) return;
        _requireFit(batch, terms, delivered);
        Chunks.Walk memory walk = Chunks.start(terms.count, terms.width);
        Reckoning memory reckoning = _reckonBy(legs);
        // Nothing is summed without a split.
        // slither-disable-next-line unused-return
        _reckon(walk, Chosen(settled, new uint256[](settled.length)), delivered, chunks, reckoning);
        _requireRoot(batch, terms, walk, chunks);

        emit BatchSettled(batch, carrier, evidence, settled, Split.amountsIn(reckoning.entries));

        _earn(reckoning.entries);
    }

    // --- refunded ---

    /// @inheritdoc IBatches
    function refundBatch(
        bytes32 batch,
        uint256[] calldata marked,
        bytes calldata chunks,
        bytes memory legs,
        string calldata reason
    ) external {
        Batch memory terms = _ofMerchant(batch);
        _requireLegs(terms.rule, terms.version, keccak256(legs));

        (Chosen memory chosen, bool any) = _close(batch, marked);
        if (!any) return;
        _requireFit(batch, terms, marked);
        emit BatchRefunded(batch, _either(chosen), reason);

        Chunks.Walk memory walk = Chunks.start(terms.count, terms.width);
        Reckoning memory reckoning = _reckonBy(legs);
        uint256 fromEscrowFen = _reckon(walk, chosen, marked, chunks, reckoning);
        _requireRoot(batch, terms, walk, chunks);
        _giveBack(fromEscrowFen, reckoning.entries, Split.entries(legs));
    }

    // --- taken out ---

    /// @inheritdoc IBatches
    function takeOut(bytes32 batch, uint256[] calldata marked, bytes calldata chunks) external {
        Batch memory terms = _ofMerchant(batch);

        (Chosen memory chosen, bool any) = _close(batch, marked);
        if (!any) return;
        _requireFit(batch, terms, marked);
        Chunks.Walk memory walk = Chunks.start(terms.count, terms.width);
        while (Chunks.next(walk, marked, chunks)) {
            _takeOutOf(batch, terms, walk, chunks, uint32(chosen.split[walk.word] >> walk.firstBit), true);
            _takeOutOf(batch, terms, walk, chunks, uint32(chosen.summed[walk.word] >> walk.firstBit), false);
        }
        _requireRoot(batch, terms, walk, chunks);
    }

    /// @dev From the present chunk.
    function _takeOutOf(
        bytes32 batch,
        Batch memory terms,
        Chunks.Walk memory walk,
        bytes calldata chunks,
        uint256 bits,
        bool settled
    ) private {
        for (uint256 i = 0; bits >> i != 0; ++i) {
            if (bits >> i & 1 == 0) continue;
            uint256 amountFen = Chunks.amountAt(chunks, walk.amountsAt + i * terms.width, terms.width);
            _continueAlone(batch, terms, walk.word * 256 + walk.firstBit + i, amountFen, settled);
        }
    }

    function _continueAlone(bytes32 batch, Batch memory terms, uint256 position, uint256 amountFen, bool settled)
        private
    {
        bytes32 id = batch | bytes32(position);
        _orders[id] = Order({
            amountFen: uint56(amountFen),
            refundedFen: 0,
            merchant: terms.merchant,
            carrier: terms.carrier,
            rule: terms.rule,
            version: terms.version,
            state: settled ? OrderState.Settled : OrderState.Paid,
            refunds: 0,
            flags: 0
        });

        emit OrderTakenOut(batch, id, uint32(position), uint64(amountFen), settled);
    }

    // --- marked orders ---

    /// @dev Closes those that are marked and not closed.
    function _close(bytes32 batch, uint256[] calldata marked) private returns (Chosen memory chosen, bool any) {
        chosen = Chosen(new uint256[](marked.length), new uint256[](marked.length));
        for (uint256 word = 0; word < marked.length; ++word) {
            Marks memory marks = _marks[batch][word];
            uint256 closing = marked[word] & ~marks.closed;
            if (closing == 0) continue;
            any = true;
            (chosen.split[word], chosen.summed[word]) = (closing & marks.settled, closing & ~marks.settled);
            _marks[batch][word].closed = marks.closed | closing;
        }
    }

    /// @dev Adds the split of the chosen orders to the entries, and sums those that are not split; whether the chunks,
    ///      which are there for `marked`, are the batch's, the caller asks next.
    function _reckon(
        Chunks.Walk memory walk,
        Chosen memory chosen,
        uint256[] calldata marked,
        bytes calldata chunks,
        Reckoning memory reckoning
    ) private pure returns (uint256 summedFen) {
        while (Chunks.next(walk, marked, chunks)) {
            uint256 bits = uint32(chosen.split[walk.word] >> walk.firstBit);
            if (bits != 0) _split(walk, chunks, bits, reckoning);
            bits = uint32(chosen.summed[walk.word] >> walk.firstBit);
            if (bits != 0) summedFen += _sum(walk, chunks, bits, reckoning.amountsFen);
        }
        Split.addAmple(reckoning.amountsFen, reckoning.sumFen, reckoning.legs, reckoning.entries);
    }

    function _reckonBy(bytes memory legs) private pure returns (Reckoning memory reckoning) {
        reckoning = Reckoning({
            legs: legs,
            entries: Split.entries(legs),
            amountsFen: new uint256[](ROOM),
            sumFen: 0,
            ampleFen: Split.ampleFen(legs)
        });
        _setLength(reckoning.amountsFen, 0);
    }

    /// @dev Those of a chunk wait for others to be split with when each is ample; else each is split by itself.
    function _split(Chunks.Walk memory walk, bytes calldata chunks, uint256 bits, Reckoning memory reckoning)
        private
        pure
    {
        uint256[] memory amountsFen = reckoning.amountsFen;
        uint256 before = amountsFen.length;
        (uint256 fen, bool ample) = Chunks.pick(walk, chunks, bits, reckoning.ampleFen, amountsFen);
        if (!ample) {
            for (uint256 i = before; i < amountsFen.length; ++i) {
                // slither-disable-next-line unused-return // only the totals matter
                Split.add(amountsFen[i], reckoning.legs, reckoning.entries);
            }
            _setLength(amountsFen, before);
            return;
        }
        reckoning.sumFen += fen;
        if (amountsFen.length + 32 <= ROOM) return;
        Split.addAmple(amountsFen, reckoning.sumFen, reckoning.legs, reckoning.entries);
        reckoning.sumFen = 0;
        _setLength(amountsFen, 0);
    }

    /// @dev Leaves `amountsFen` as it was.
    function _sum(Chunks.Walk memory walk, bytes calldata chunks, uint256 bits, uint256[] memory amountsFen)
        private
        pure
        returns (uint256 fen)
    {
        uint256 before = amountsFen.length;
        // slither-disable-next-line unused-return // nothing is split
        (fen,) = Chunks.pick(walk, chunks, bits, 0, amountsFen);
        _setLength(amountsFen, before);
    }

    function _setLength(uint256[] memory list, uint256 length) private pure {
        assembly ("memory-safe") {
            mstore(list, length)
        }
    }

    function _requireFit(bytes32 batch, Batch memory terms, uint256[] calldata marked) private pure {
        if (!Chunks.marksFit(marked, terms.count)) revert BadMarks(batch);
    }

    function _requireRoot(bytes32 batch, Batch memory terms, Chunks.Walk memory walk, bytes calldata chunks)
        private
        pure
    {
        if (chunks.length != walk.at) revert BadChunks(batch, walk.at, chunks.length);
        bytes32 root = Chunks.rootOf(walk);
        if (root != terms.amountsRoot) revert AmountsMismatch(batch, terms.amountsRoot, root);
    }

    function _either(Chosen memory chosen) private pure returns (uint256[] memory both) {
        both = new uint256[](chosen.split.length);
        for (uint256 word = 0; word < both.length; ++word) {
            both[word] = chosen.split[word] | chosen.summed[word];
        }
    }

    // --- batches ---

    function _ofMerchant(bytes32 batch) private view returns (Batch memory terms) {
        uint32 merchant = members.requireMayAct(msg.sender, Role.MERCHANT, msg.sig);
        terms = _paid(batch);
        if (terms.merchant != merchant) revert NotTheBatchsMerchant(batch, merchant);
    }

    function _paid(bytes32 batch) private view returns (Batch memory terms) {
        terms = _batch(batch);
        if (terms.version == 0) revert BatchIsNotPaid(batch);
    }

    function _batch(bytes32 batch) private view returns (Batch memory terms) {
        terms = _batches[batch];
        if (terms.count == 0) revert UnknownBatch(batch);
    }

    // --- reads ---

    /// @inheritdoc IBatches
    function batchId(uint32 merchant, BatchTerms calldata terms) public pure returns (bytes32) {
        return keccak256(abi.encode(merchant, terms)) >> 32 << 32;
    }

    /// @inheritdoc IBatches
    function versionOf(bytes32 batch) external view returns (uint32) {
        return _batches[batch].version;
    }

    /// @inheritdoc IBatches
    function marksOf(bytes32 batch, uint256 word) external view returns (uint256 settled, uint256 closed) {
        return (_marks[batch][word].settled, _marks[batch][word].closed);
    }
}
