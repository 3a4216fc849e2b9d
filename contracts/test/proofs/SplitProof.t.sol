// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Split} from "../../src/libraries/Split.sol";

/// @notice For every amount and number within bounds: run by scripts/prove with Halmos, which forge does not need.
contract SplitProof {
    function leg(uint8 kind, uint64 value, uint64 cap, uint64 floor) private pure returns (bytes memory) {
        return abi.encodePacked(uint32(1), kind, value, cap, floor);
    }

    function sumOf(uint64 amountFen, bytes memory legs, uint256 count) private pure returns (uint256 sum) {
        uint256[] memory totals = new uint256[](count);
        Split.add(amountFen, legs, totals);
        for (uint256 i = 0; i < count; ++i) {
            sum += totals[i];
        }
    }

    function check_conservesFixed(uint64 amountFen, uint64 fen) public pure {
        if (amountFen > 9e14 || fen > 9e14) return;
        assert(sumOf(amountFen, abi.encodePacked(leg(0, fen, 0, 0), leg(2, 0, 0, 0)), 2) == amountFen);
    }

    function check_conservesShare(uint64 amountFen, uint64 bps, uint64 cap, uint64 floor) public pure {
        if (amountFen > 9e14 || bps > 10_000 || cap > 9e14 || floor > 9e14) return;
        assert(sumOf(amountFen, abi.encodePacked(leg(1, bps, cap, floor), leg(2, 0, 0, 0)), 2) == amountFen);
    }

    function check_conservesThree(uint64 amountFen, uint64 bps, uint64 cap, uint64 floor, uint64 fen) public pure {
        if (amountFen > 9e14 || bps > 10_000 || cap > 9e14 || floor > 9e14 || fen > 9e14) return;
        bytes memory legs = abi.encodePacked(leg(1, bps, cap, floor), leg(2, 0, 0, 0), leg(0, fen, 0, 0));
        assert(sumOf(amountFen, legs, 3) == amountFen);
    }
}
