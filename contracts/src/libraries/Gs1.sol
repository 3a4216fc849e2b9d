// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Gs1: the form of GS1 keys (GS1 General Specifications, sections 7.9 and 7.11)
library Gs1 {
    uint256 internal constant LOT_BYTES = 20;

    function isGln(uint64 gln) internal pure returns (bool) {
        return gln < 1e13 && hasCheckDigit(gln);
    }

    function isGtin(uint64 gtin) internal pure returns (bool) {
        return gtin < 1e14 && hasCheckDigit(gtin);
    }

    /// @notice A batch or lot number (AI 10): 1 to 20 printable characters of ASCII, no space.
    function isLot(string calldata lot) internal pure returns (bool) {
        bytes calldata characters = bytes(lot);
        if (characters.length == 0 || characters.length > LOT_BYTES) return false;
        for (uint256 i = 0; i < characters.length; ++i) {
            if (characters[i] < 0x21 || characters[i] > 0x7e) return false;
        }
        return true;
    }

    /// @dev From the right the weights are 1, 3, 1, 3, ...; with the check digit the sum is a multiple of ten. Leading
    ///      zeros add nothing, so one loop serves keys of every length. Zero itself is no key.
    function hasCheckDigit(uint64 key) private pure returns (bool) {
        uint256 sum = 0;
        uint256 weight = 1;
        for (uint256 rest = key; rest > 0; rest /= 10) {
            sum += (rest % 10) * weight;
            weight = 4 - weight;
        }
        return key > 0 && sum % 10 == 0;
    }
}
