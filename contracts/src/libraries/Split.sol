// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Leg, LegKind} from "../interfaces/IRules.sol";

/// @title Split: the arithmetic that places every fen of an amount (ledger/settle/split.py is the same in Python)
/// @notice Packed legs are 29 bytes each, big-endian: payee (4), kind (1), value (8), cap (8), floor (8). Where nested rules
///         divide legs (ITiers), theirs follow the leg that they divide, which keeps nothing, and 2 bytes end the whole: bit i
///         says that leg i is a nested rule's.
library Split {
    /// @notice The most that one order may be: sums of orders stay below 2^63, where SQLite's integers end.
    uint64 internal constant MOST_FEN = 9e14;
    uint256 internal constant MOST_LEGS = 16;
    uint256 internal constant WHOLE_BPS = 10_000;
    uint256 internal constant LEG_BYTES = 29;

    /// @notice The legs as their hash covers them, and as a settlement repeats them.
    function pack(Leg[] memory legs) internal pure returns (bytes memory packed) {
        for (uint256 i = 0; i < legs.length; ++i) {
            Leg memory leg = legs[i];
            packed = abi.encodePacked(packed, leg.payee, leg.kind, leg.value, leg.cap, leg.floor);
        }
    }

    function countOf(bytes memory packed) internal pure returns (uint256) {
        return packed.length / LEG_BYTES;
    }

    /// @notice An entry a leg with nothing in it yet: its payee above 64 bits for its total.
    function entries(bytes memory packed) internal pure returns (uint256[] memory list) {
        list = new uint256[](countOf(packed));
        assembly ("memory-safe") {
            let at := add(packed, 32)
            let place := add(list, 32)
            for { let end := add(place, shl(5, mload(list))) } lt(place, end) {
                place := add(place, 32)
                at := add(at, 29)
            } { mstore(place, shl(64, shr(224, mload(at)))) }
        }
    }

    /// @notice The amounts of such entries.
    function amountsIn(uint256[] memory list) internal pure returns (uint64[] memory amountsFen) {
        amountsFen = new uint64[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            amountsFen[i] = uint64(list[i]);
        }
    }

    /// @notice Adds the part of each leg to its total; the parts sum to `amountFen`. The legs must have passed
    ///         `Lines.check`.
    /// @dev A leg takes at most what the legs before it left; the residual takes last, wherever it stands. Nothing
    ///      overflows: a product needs 78 bits at most, and no total passes 2^63. In assembly, since this is most of what
    ///      a settlement reckons: 29 bytes a leg are the upper part of a word, 8 bytes a part go out one after the other.
    /// @param totals one a leg, in the lower 64 bits.
    /// @return parts 8 bytes each, big-endian, in leg order.
    function add(uint256 amountFen, bytes memory packed, uint256[] memory totals)
        internal
        pure
        returns (bytes memory parts)
    {
        if (_hasNested(packed)) return _addNested(amountFen, packed, totals);
        assembly ("memory-safe") {
            parts := mload(0x40)
            mstore(parts, shl(3, mload(totals)))
            mstore(0x40, add(add(parts, 64), mload(parts)))
            let out := add(parts, 32)
            mstore(out, 0)

            let left := amountFen
            let residual := 0
            let at := add(packed, 32)
            let total := add(totals, 32)
            for { let end := add(total, shl(5, mload(totals))) } lt(total, end) {
                total := add(total, 32)
                at := add(at, 29)
                out := add(out, 8)
            } {
                let leg := mload(at)
                let part := and(shr(152, leg), 0xffffffffffffffff)
                let kind := and(shr(216, leg), 0xff)
                if kind {
                    if eq(kind, 2) {
                        residual := total
                        continue
                    }
                    part := div(mul(amountFen, part), 10000)
                    let bounds := and(shr(24, leg), 0xffffffffffffffffffffffffffffffff) // cap, floor: most shares have none
                    if bounds {
                        let cap := shr(64, bounds)
                        if cap { if gt(part, cap) { part := cap } }
                        let floor := and(bounds, 0xffffffffffffffff)
                        if lt(part, floor) { part := floor }
                    }
                }
                if gt(part, left) { part := left }
                left := sub(left, part)
                mstore(total, add(mload(total), part))
                mstore(out, shl(192, part)) // and zeros after it
            }
            mstore(residual, add(mload(residual), left))
            // Its part's place: 8 bytes for 32 of the totals.
            out := add(add(parts, 32), shr(2, sub(sub(residual, totals), 32)))
            mstore(out, or(mload(out), shl(192, left)))
        }
    }

    // --- nested rules ---

    function _hasNested(bytes memory packed) private pure returns (bool) {
        unchecked {
            return packed.length % LEG_BYTES != 0;
        }
    }

    /// @dev The rule's own legs split the amount; then each nested rule's split what the leg before them took.
    function _addNested(uint256 amountFen, bytes memory packed, uint256[] memory totals)
        private
        pure
        returns (bytes memory parts)
    {
        unchecked {
            uint256 count = totals.length;
            uint256 nested = legAt(packed, count) >> 240;
            uint256[] memory taken = new uint256[](count);
            _take(amountFen, packed, 0, count, nested, taken);
            for (uint256 i = 1; i < count; ++i) {
                if (nested >> (i - 1) & 3 != 2) continue; // the first of a nested rule
                uint256 end = i + 1;
                while (nested >> end & 1 == 1) ++end;
                uint256 part = taken[i - 1];
                taken[i - 1] = 0;
                _take(part, packed, i, end, 0, taken);
            }
            for (uint256 i = 0; i < count; ++i) {
                totals[i] += taken[i];
                parts = abi.encodePacked(parts, uint64(taken[i]));
            }
        }
    }

    /// @dev What the legs from `from` to before `end` take of an amount, but for those marked in `passed`.
    function _take(
        uint256 amountFen,
        bytes memory packed,
        uint256 from,
        uint256 end,
        uint256 passed,
        uint256[] memory taken
    ) private pure {
        unchecked {
            (uint256 left, uint256 residual) = (amountFen, 0);
            for (uint256 i = from; i < end; ++i) {
                if (passed >> i & 1 == 1) continue;
                uint256 leg = legAt(packed, i);
                if (uint8(leg >> 216) == uint256(LegKind.Residual)) {
                    residual = i;
                    continue;
                }
                taken[i] = _wanted(amountFen, leg);
                if (taken[i] > left) taken[i] = left;
                left -= taken[i];
            }
            taken[residual] = left;
        }
    }

    function _wanted(uint256 amountFen, uint256 leg) private pure returns (uint256 fen) {
        unchecked {
            fen = uint64(leg >> 152);
            if (uint8(leg >> 216) == uint256(LegKind.Fixed)) return fen;
            fen = amountFen * fen / WHOLE_BPS;
            (uint256 cap, uint256 floor) = (uint64(leg >> 88), uint64(leg >> 24));
            if (cap != 0 && fen > cap) fen = cap;
            if (fen < floor) fen = floor;
        }
    }

    // --- many amounts ---

    /// @notice The amount from which on every leg gets what it asks for, so that none need look at what is left: fixed
    ///         legs, floors and shares together ask for at most the amount. None where legs are nested.
    function ampleFen(bytes memory packed) internal pure returns (uint256 fen) {
        if (_hasNested(packed)) return type(uint256).max;
        uint256 leastFen = 0;
        uint256 bps = 0;
        for (uint256 i = 0; i < countOf(packed); ++i) {
            uint256 leg = legAt(packed, i);
            uint256 kind = uint8(leg >> 216);
            if (kind == uint256(LegKind.Fixed)) leastFen += uint64(leg >> 152);
            if (kind != uint256(LegKind.Share)) continue;
            bps += uint64(leg >> 152);
            leastFen += uint64(leg >> 24);
        }
        if (leastFen == 0) return 0;
        if (bps == WHOLE_BPS) return type(uint256).max;
        return (leastFen * WHOLE_BPS + (WHOLE_BPS - bps) - 1) / (WHOLE_BPS - bps);
    }

    /// @notice As `add` for each of these amounts, all of them ample, leg by leg instead of amount by amount.
    /// @param sumFen of the amounts.
    function addAmple(uint256[] memory amountsFen, uint256 sumFen, bytes memory packed, uint256[] memory totals)
        internal
        pure
    {
        unchecked {
            uint256 left = sumFen;
            uint256 residual = 0;
            for (uint256 i = 0; i < totals.length; ++i) {
                uint256 leg = legAt(packed, i);
                uint256 kind = uint8(leg >> 216);
                if (kind == uint256(LegKind.Residual)) {
                    residual = i;
                    continue;
                }
                uint256 part = uint64(leg >> 152);
                part = kind == uint256(LegKind.Fixed)
                    ? part * amountsFen.length
                    : _sumOfShares(amountsFen, part, uint64(leg >> 88), uint64(leg >> 24));
                totals[i] += part;
                left -= part;
            }
            totals[residual] += left;
        }
    }

    function _sumOfShares(uint256[] memory amountsFen, uint256 bps, uint256 cap, uint256 floor)
        private
        pure
        returns (uint256 fen)
    {
        if (floor != 0) return _sumOfFlooredShares(amountsFen, bps, cap, floor);
        // Four a turn, then the rest.
        if (cap == 0) {
            assembly ("memory-safe") {
                let at := add(amountsFen, 32)
                let end := add(at, shl(5, mload(amountsFen)))
                for { let fours := sub(end, 96) } lt(at, fours) { at := add(at, 128) } {
                    fen := add(fen, div(mul(mload(at), bps), 10000))
                    fen := add(fen, div(mul(mload(add(at, 32)), bps), 10000))
                    fen := add(fen, div(mul(mload(add(at, 64)), bps), 10000))
                    fen := add(fen, div(mul(mload(add(at, 96)), bps), 10000))
                }
                for {} lt(at, end) { at := add(at, 32) } { fen := add(fen, div(mul(mload(at), bps), 10000)) }
            }
        } else {
            assembly ("memory-safe") {
                // The smaller of the two: the cap, and what is lacking of it when it is not reached.
                function capped(part, most) -> least {
                    least := sub(most, mul(sub(most, part), lt(part, most)))
                }
                let at := add(amountsFen, 32)
                let end := add(at, shl(5, mload(amountsFen)))
                for { let fours := sub(end, 96) } lt(at, fours) { at := add(at, 128) } {
                    fen := add(fen, capped(div(mul(mload(at), bps), 10000), cap))
                    fen := add(fen, capped(div(mul(mload(add(at, 32)), bps), 10000), cap))
                    fen := add(fen, capped(div(mul(mload(add(at, 64)), bps), 10000), cap))
                    fen := add(fen, capped(div(mul(mload(add(at, 96)), bps), 10000), cap))
                }
                for {} lt(at, end) { at := add(at, 32) } {
                    fen := add(fen, capped(div(mul(mload(at), bps), 10000), cap))
                }
            }
        }
    }

    function _sumOfFlooredShares(uint256[] memory amountsFen, uint256 bps, uint256 cap, uint256 floor)
        private
        pure
        returns (uint256 fen)
    {
        for (uint256 i = 0; i < amountsFen.length; ++i) {
            uint256 part = amountsFen[i] * bps / WHOLE_BPS;
            if (cap != 0 && part > cap) part = cap;
            fen += part < floor ? floor : part;
        }
    }

    /// @notice The leg's 29 bytes in the upper part of the word; what follows them is other bytes.
    function legAt(bytes memory packed, uint256 leg) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(packed, 32), mul(leg, 29)))
        }
    }
}
