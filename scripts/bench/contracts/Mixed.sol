// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Events of mixed shape, in bulk: for measuring indexers on a development chain
/// @dev Nothing of the ledger. Every value follows from its number, so that a reader can be checked without the chain.
contract Mixed {
    /// @notice Short text.
    event Noted(bytes32 indexed topic, address indexed by, uint64 number, string text);
    /// @notice A dynamic array.
    event Listed(uint32 indexed list, uint256[] amounts, bool closed);
    /// @notice Indexed bytes32, twice, and a number of any size.
    event Moved(bytes32 indexed lot, bytes32 indexed place, uint256 amount);

    /// @notice Emits events `first` to `first + count - 1`, a third of each kind.
    function emitMany(uint256 first, uint256 count) external {
        for (uint256 number = first; number < first + count; number++) {
            bytes32 key = keccak256(abi.encode(number));
            if (number % 3 == 0) {
                emit Noted(key, msg.sender, uint64(number), _text(number));
            } else if (number % 3 == 1) {
                uint256[] memory amounts = new uint256[](number % 5);
                for (uint256 place = 0; place < amounts.length; place++) amounts[place] = number * (place + 1);
                emit Listed(uint32(number % 1000), amounts, number % 2 == 0);
            } else {
                emit Moved(key, keccak256(abi.encode(number % 100)), number % 9 == 2 ? uint256(key) : number);
            }
        }
    }

    function _text(uint256 number) private pure returns (string memory) {
        bytes memory digits = "0000000000";
        for (uint256 place = digits.length; number > 0; number /= 10) digits[--place] = bytes1(uint8(48 + number % 10));
        return string.concat(unicode"第 ", string(digits), unicode" 号");
    }
}
