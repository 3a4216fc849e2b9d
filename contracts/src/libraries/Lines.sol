// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IRules, Leg, LegKind} from "../interfaces/IRules.sol";
import {Split} from "./Split.sol";

/// @title Lines: a rule's legs with the steps and nested rules that stand on them, and the plain legs that they come to
/// @notice A share with steps has *tiers*: tier 0 is the share itself, tier n its nth step. ledger/settle/tiers.py is the same in
///         Python.
library Lines {
    uint256 internal constant MOST_LINES = 32;
    uint256 internal constant MOST_TIERED = 4;
    uint256 internal constant MOST_STEPS = 3;
    uint256 internal constant MOST_NESTED_LEGS = 5;
    /// @notice Volumes stay below 2^63, as every sum.
    uint64 internal constant MOST_VOLUME_FEN = type(uint64).max >> 1;

    /// @dev What a check has counted so far.
    struct Count {
        bool resolved;
        uint256 places; // legs, and so many for each nested rule
        uint256 residuals;
        uint256 bps;
        uint256 leastFen;
        uint256 tiered;
        uint256 steps; // of the present share
        uint256 most; // basis points of its tiers
        uint256 floor; // its
    }

    /// @notice Reverts unless the lines make a rule: 1 to 16 legs, each with a payee and a value that means something, exactly one
    ///         residual, shares of at most the whole, fixed legs and floors of at most the largest order; steps after a share
    ///         of the same payee, with ascending volumes; at most one nested rule after a leg of the same payee. Whose rule
    ///         is nested, the caller asks.
    /// @return resolved whether any line is a step or a nested rule.
    /// @return minimumFen the smallest order that the legs serve in full, in whatever tier: fixed legs and floors.
    function check(Leg[] calldata lines) internal pure returns (bool resolved, uint64 minimumFen) {
        if (lines.length == 0 || lines.length > MOST_LINES) revert IRules.LegCount(lines.length, Split.MOST_LEGS);

        // slither-disable-next-line uninitialized-local // it counts from zero
        Count memory count;
        for (uint256 i = 0; i < lines.length; ++i) {
            Leg calldata line = lines[i];
            if (line.payee == 0) revert IRules.BadLeg(i);
            if (line.cap > Split.MOST_FEN) revert IRules.AmountTooLarge(line.cap);
            if (line.kind == LegKind.Step) {
                _checkStep(lines, i, count);
            } else if (line.kind == LegKind.Nested) {
                _checkNested(lines, i, count);
            } else {
                _checkLeg(line, i, count);
            }
        }
        if (count.places > Split.MOST_LEGS) revert IRules.LegCount(count.places, Split.MOST_LEGS);
        if (count.residuals != 1) revert IRules.ResidualCount(count.residuals);
        if (count.bps > Split.WHOLE_BPS) revert IRules.SharesExceedWhole(count.bps);
        if (count.leastFen > Split.MOST_FEN) revert IRules.AmountTooLarge(count.leastFen);

        return (count.resolved, uint64(count.leastFen));
    }

    function _checkLeg(Leg calldata leg, uint256 at, Count memory count) private pure {
        ++count.places;
        if (leg.kind == LegKind.Share) {
            if (leg.value == 0 || (leg.cap != 0 && leg.floor > leg.cap)) revert IRules.BadLeg(at);
            (count.steps, count.most, count.floor) = (0, leg.value, leg.floor);
            count.bps += leg.value;
            count.leastFen += leg.floor;
            return;
        }
        bool residual = leg.kind == LegKind.Residual;
        if (leg.cap != 0 || leg.floor != 0 || residual != (leg.value == 0)) revert IRules.BadLeg(at);
        if (residual) ++count.residuals;
        else count.leastFen += leg.value;
    }

    function _checkStep(Leg[] calldata lines, uint256 at, Count memory count) private pure {
        Leg calldata step = lines[at];
        count.resolved = true;
        if (at == 0 || lines[at - 1].payee != step.payee) revert IRules.BadLeg(at);
        Leg calldata before = lines[at - 1];
        bool first = before.kind == LegKind.Share;
        bool ascends = step.floor > (first ? 0 : before.floor) && step.floor <= MOST_VOLUME_FEN;
        bool follows = (first || before.kind == LegKind.Step) && ascends;
        bool means = step.value != 0 && (step.cap == 0 || count.floor <= step.cap);
        if (!follows || !means || ++count.steps > MOST_STEPS) revert IRules.BadLeg(at);
        if (first && ++count.tiered > MOST_TIERED) revert IRules.BadLeg(at);
        if (step.value > count.most) {
            count.bps += step.value - count.most;
            count.most = step.value;
        }
    }

    function _checkNested(Leg[] calldata lines, uint256 at, Count memory count) private pure {
        Leg calldata nested = lines[at];
        count.resolved = true;
        bool follows = at != 0 && lines[at - 1].payee == nested.payee && lines[at - 1].kind != LegKind.Nested;
        if (!follows || nested.value == 0 || nested.cap != 0 || nested.floor != 0) revert IRules.BadLeg(at);
        count.places += MOST_NESTED_LEGS;
    }

    // --- what payments resolve ---

    /// @notice The payees of the shares with steps, in the order of these.
    function tieredPayees(bytes memory packed) internal pure returns (uint32[] memory payees) {
        payees = new uint32[](MOST_TIERED);
        uint256 count = 0;
        for (uint256 i = 0; i < Split.countOf(packed); ++i) {
            if (_isTiered(packed, i)) payees[count++] = uint32(Split.legAt(packed, i) >> 224);
        }
        assembly ("memory-safe") {
            mstore(payees, count)
        }
    }

    /// @notice The tier of each share with steps, given its payee's volume.
    function tiers(bytes memory packed, uint256[] memory volumesFen) internal pure returns (uint8[] memory chosen) {
        chosen = new uint8[](volumesFen.length);
        uint256 share = 0;
        for (uint256 i = 0; share < chosen.length; ++i) {
            if (!_isTiered(packed, i)) continue;
            while (
                _isStep(packed, i + 1 + chosen[share])
                    && volumesFen[share] >= uint64(Split.legAt(packed, i + 1 + chosen[share]) >> 24)
            ) {
                ++chosen[share];
            }
            ++share;
        }
    }

    /// @notice The nested rules, in the order of the legs that they divide.
    function nestedRules(bytes memory packed) internal pure returns (uint32[] memory rules) {
        rules = new uint32[](MOST_LINES);
        uint256 count = 0;
        for (uint256 i = 0; i < Split.countOf(packed); ++i) {
            uint256 line = Split.legAt(packed, i);
            if (_kindOf(line) == LegKind.Nested) rules[count++] = uint32(line >> 152);
        }
        assembly ("memory-safe") {
            mstore(rules, count)
        }
    }

    /// @notice The plain legs, packed as Split wants them.
    /// @param tier of each share with steps.
    /// @param nested the packed legs of each nested rule.
    function resolve(bytes memory packed, uint8[] memory tier, bytes[] memory nested)
        internal
        pure
        returns (bytes memory legs)
    {
        (uint256 marks, uint256 share, uint256 rule) = (0, 0, 0);
        for (uint256 i = 0; i < Split.countOf(packed); ++i) {
            uint256 line = Split.legAt(packed, i);
            LegKind kind = _kindOf(line);
            if (kind == LegKind.Step) continue;
            if (kind == LegKind.Nested) {
                uint256 first = Split.countOf(legs);
                marks |= ((1 << Split.countOf(nested[rule])) - 1) << first;
                legs = abi.encodePacked(legs, nested[rule++]);
                continue;
            }
            uint256 terms = _isTiered(packed, i) ? Split.legAt(packed, i + tier[share++]) : line;
            legs = abi.encodePacked(
                legs, uint32(line >> 224), uint8(kind), uint64(terms >> 152), uint64(terms >> 88), uint64(line >> 24)
            );
        }
        if (nested.length != 0) legs = abi.encodePacked(legs, uint16(marks));
    }

    function _isTiered(bytes memory packed, uint256 i) private pure returns (bool) {
        return _isStep(packed, i + 1) && _kindOf(Split.legAt(packed, i)) == LegKind.Share;
    }

    function _isStep(bytes memory packed, uint256 i) private pure returns (bool) {
        return i < Split.countOf(packed) && _kindOf(Split.legAt(packed, i)) == LegKind.Step;
    }

    function _kindOf(uint256 line) private pure returns (LegKind) {
        return LegKind(uint8(line >> 216));
    }
}
