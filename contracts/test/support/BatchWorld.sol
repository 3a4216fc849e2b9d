// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IBatches} from "../../src/interfaces/IBatches.sol";
import {Leg} from "../../src/interfaces/IRules.sol";
import {World} from "./World.sol";

/// @notice Batches of any amounts and widths, and what must be true of them.
abstract contract BatchWorld is World {
    uint32 internal rule;

    function setUp() public virtual override {
        super.setUp();
        rule = aRuleInForce(usualLegs());
    }

    function packedAmounts(uint64[] memory amountsFen, uint256 width) internal pure returns (bytes memory amounts) {
        amounts = new bytes(amountsFen.length * width);
        for (uint256 i = 0; i < amounts.length; ++i) {
            amounts[i] = bytes1(uint8(amountsFen[i / width] >> 8 * (width - 1 - i % width)));
        }
    }

    function sumOf(uint64[] memory amountsFen) internal pure returns (uint64 fen) {
        for (uint256 i = 0; i < amountsFen.length; ++i) {
            fen += amountsFen[i];
        }
    }

    function termsOf(uint64[] memory amountsFen, uint8 width, uint32 rule_)
        internal
        pure
        returns (IBatches.BatchTerms memory)
    {
        return IBatches.BatchTerms({
            manifest: keccak256("manifest"),
            amountsRoot: rootOf(packedAmounts(amountsFen, width), width),
            totalFen: sumOf(amountsFen),
            rule: rule_,
            carrier: CARRIER,
            count: uint16(amountsFen.length),
            width: width
        });
    }

    function aPaidBatchOf(uint64[] memory amountsFen, uint8 width, uint32 rule_) internal returns (bytes32 batch) {
        by(MERCHANT);
        batch = escrow.placeBatch(termsOf(amountsFen, width, rule_));
        by(BANK);
        escrow.payBatch(batch, packedAmounts(amountsFen, width), "CMB-9");
    }

    /// @dev Some amounts that fit the width, none below 51 fen.
    function someAmounts(uint256 seed, uint256 count, uint8 width) internal pure returns (uint64[] memory amountsFen) {
        amountsFen = new uint64[](count);
        uint256 most = 256 ** width - 1 < 9e14 ? 256 ** width - 1 : 9e14;
        for (uint256 i = 0; i < count; ++i) {
            uint256 roll = uint256(keccak256(abi.encode(seed, i)));
            amountsFen[i] = uint64(51 + (roll >> 8) % (roll % 4 == 0 ? most - 50 : 150));
        }
    }

    /// @dev Some of so many orders, by a seed.
    function someOf(uint256 seed, uint256 count) internal pure returns (uint256[] memory marked) {
        marked = allOf(count);
        for (uint256 word = 0; word < marked.length; ++word) {
            marked[word] &= uint256(keccak256(abi.encode(seed, "marks", word)));
            // Whole chunks without a mark as well.
            if (seed % 2 == 0) marked[word] &= uint256(type(uint64).max) << 64 * (seed % 4);
        }
    }

    function isMarked(uint256[] memory marked, uint256 position) internal pure returns (bool) {
        return marked[position / 256] >> position % 256 & 1 == 1;
    }

    /// @dev What the legs get of the marked orders, each split by itself.
    function splitOf(uint64[] memory amountsFen, uint256[] memory marked, Leg[] memory legs)
        internal
        view
        returns (uint64[] memory totalsFen)
    {
        totalsFen = new uint64[](legs.length);
        for (uint256 i = 0; i < amountsFen.length; ++i) {
            if (!isMarked(marked, i)) continue;
            uint64[] memory fen = allocated(amountsFen[i], legs);
            for (uint256 leg = 0; leg < legs.length; ++leg) {
                totalsFen[leg] += fen[leg];
            }
        }
    }

    function assertUsual(uint64[] memory totalsFen) internal view {
        assertBalance(PLATFORM, totalsFen[0], 0);
        assertBalance(CREATOR, totalsFen[1], 0);
        assertBalance(CARRIER, totalsFen[2], 0);
        assertBalance(MERCHANT, totalsFen[3], 0);
    }

    function standardAmounts(uint256 count) internal pure returns (uint64[] memory amountsFen) {
        amountsFen = new uint64[](count);
        for (uint256 i = 0; i < count; ++i) {
            amountsFen[i] = amountAt(i);
        }
    }

    function assertMarks(bytes32 batch, uint256 word, uint256 settled, uint256 closed) internal view {
        (uint256 actualSettled, uint256 actualClosed) = escrow.marksOf(batch, word);
        vm.assertEq(actualSettled, settled, "settled");
        vm.assertEq(actualClosed, closed, "closed");
    }

    function refusesChunks(bytes32 batch, uint256 expected, uint256 actual) internal {
        refuses(abi.encodeWithSelector(IBatches.BadChunks.selector, batch, expected, actual));
    }

    function refusesAmounts(bytes32 batch, bytes32 expected, bytes32 actual) internal {
        refuses(abi.encodeWithSelector(IBatches.AmountsMismatch.selector, batch, expected, actual));
    }
}
