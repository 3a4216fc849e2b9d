// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IRules, Leg, LegKind} from "../interfaces/IRules.sol";

/// @title Split: the arithmetic that places every fen of an amount (ledger/settle/split.py is the same in Python)
library Split {
    /// @notice The most that one order may be: sums of orders stay below 2^63, where SQLite's integers end.
    uint64 internal constant MOST_FEN = 9e14;
    uint256 internal constant MOST_LEGS = 16;
    uint256 internal constant WHOLE_BPS = 10_000;

    /// @notice Reverts unless the legs make a rule: 1 to 16 legs, each with a payee and a value that means something,
    ///         exactly one residual, shares of at most the whole, fixed legs of at most the largest order.
    function checkLegs(Leg[] calldata legs) internal pure {
        if (legs.length == 0 || legs.length > MOST_LEGS) revert IRules.LegCount(legs.length, MOST_LEGS);

        uint256 residuals = 0;
        uint256 bps = 0;
        uint256 fixedFen = 0;
        for (uint256 i = 0; i < legs.length; ++i) {
            Leg memory leg = legs[i];
            if (leg.payee == 0) revert IRules.BadLeg(i);
            if (leg.kind == LegKind.Residual) {
                if (leg.value != 0 || leg.cap != 0) revert IRules.BadLeg(i);
                ++residuals;
            } else if (leg.kind == LegKind.Share) {
                if (leg.value == 0) revert IRules.BadLeg(i);
                if (leg.cap > MOST_FEN) revert IRules.AmountTooLarge(leg.cap);
                bps += leg.value;
            } else {
                if (leg.value == 0 || leg.cap != 0) revert IRules.BadLeg(i);
                fixedFen += leg.value;
            }
        }
        if (residuals != 1) revert IRules.ResidualCount(residuals);
        if (bps > WHOLE_BPS) revert IRules.SharesExceedWhole(bps);
        if (fixedFen > MOST_FEN) revert IRules.AmountTooLarge(fixedFen);
    }

    /// @notice The smallest order that these legs can serve in full: the sum of the fixed ones.
    function minimumFen(Leg[] calldata legs) internal pure returns (uint64 fen) {
        for (uint256 i = 0; i < legs.length; ++i) {
            if (legs[i].kind == LegKind.Fixed) fen += legs[i].value;
        }
    }

    /// @notice The part of each leg, in leg order; they sum to `amountFen`. The legs must have passed `checkLegs`.
    /// @dev A leg takes at most what the legs before it left; the residual takes last, wherever it stands.
    function allocate(uint64 amountFen, Leg[] calldata legs) internal pure returns (uint64[] memory amountsFen) {
        amountsFen = new uint64[](legs.length);
        uint64 left = amountFen;
        uint256 residual = 0;
        for (uint256 i = 0; i < legs.length; ++i) {
            Leg memory leg = legs[i];
            if (leg.kind == LegKind.Residual) {
                residual = i;
                continue;
            }
            uint64 part = leg.kind == LegKind.Fixed ? leg.value : share(amountFen, leg);
            if (part > left) part = left;
            amountsFen[i] = part;
            left -= part;
        }
        amountsFen[residual] = left;
    }

    /// @dev The product needs 78 bits at most, and with a value of at most the whole the quotient fits again.
    function share(uint64 amountFen, Leg memory leg) private pure returns (uint64 part) {
        part = uint64(uint256(amountFen) * leg.value / WHOLE_BPS);
        if (leg.cap > 0 && part > leg.cap) part = leg.cap;
    }
}
