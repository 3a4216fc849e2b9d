// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Chunks: the packed amounts of a batch, 32 orders a chunk, each chunk repeated or only its hash
/// @notice The format stands on IBatches (ledger/settle/packed_amounts.py is the same in Python).
library Chunks {
    uint256 private constant CHUNK_ORDERS = 32;
    uint256 private constant WORD_ORDERS = 256;

    /// @dev A walk over the chunks of which an order is marked.
    struct Walk {
        uint256 count;
        uint256 width; // bytes an amount
        uint256 chunk; // the next one
        uint256 at; // where its bytes begin
        uint256 amountsAt; // of the present chunk
        uint256 word; // of the marks, where the present chunk's are
        uint256 firstBit; // in that word
        bytes32[] hashes; // of the chunks so far
    }

    // --- all amounts ---

    /// @notice The root of all packed amounts, whose length is that of whole orders.
    function rootOf(bytes calldata amounts, uint256 width) internal pure returns (bytes32) {
        uint256 size = CHUNK_ORDERS * width;
        uint256 chunks = (amounts.length + size - 1) / size;
        bytes32[] memory hashes = new bytes32[](chunks);
        for (uint256 i = 0; i < chunks; ++i) {
            uint256 from = i * size;
            uint256 to = from + size < amounts.length ? from + size : amounts.length;
            hashes[i] = hash(amounts, from, to - from);
        }
        return keccak256(abi.encodePacked(hashes));
    }

    /// @notice The sum of all amounts, and whether each is within bounds.
    function sum(bytes calldata amounts, uint256 width, uint256 leastFen, uint256 mostFen)
        internal
        pure
        returns (uint256 sumFen, bool within)
    {
        assembly ("memory-safe") {
            let shift := sub(256, shl(3, width))
            let outside := 0
            let at := amounts.offset
            for { let end := add(at, amounts.length) } lt(at, end) { at := add(at, width) } {
                let amountFen := shr(shift, calldataload(at))
                outside := or(outside, or(lt(amountFen, leastFen), gt(amountFen, mostFen)))
                sumFen := add(sumFen, amountFen)
            }
            within := iszero(outside)
        }
    }

    /// @notice The amount whose first byte is at this place.
    function amountAt(bytes calldata data, uint256 at, uint256 width) internal pure returns (uint256 amountFen) {
        return uint256(wordAt(data, at)) >> (256 - 8 * width);
    }

    // --- marked orders ---

    /// @notice Whether there is a word for all orders, and no mark beyond the last.
    function marksFit(uint256[] calldata marked, uint256 count) internal pure returns (bool) {
        if (marked.length != (count + WORD_ORDERS - 1) / WORD_ORDERS) return false;
        uint256 inLastWord = count % WORD_ORDERS;
        return inLastWord == 0 || marked[marked.length - 1] >> inLastWord == 0;
    }

    function start(uint256 count, uint256 width) internal pure returns (Walk memory walk) {
        (walk.count, walk.width) = (count, width);
        walk.hashes = new bytes32[]((count + CHUNK_ORDERS - 1) / CHUNK_ORDERS);
    }

    /// @notice Goes on to the next chunk of which an order is marked.
    /// @return more false when there is none: then the hashes are complete.
    function next(Walk memory walk, uint256[] calldata marked, bytes calldata chunks)
        internal
        pure
        returns (bool more)
    {
        unchecked {
            (uint256 chunk, uint256 at) = (walk.chunk, walk.at);
            for (; chunk < walk.hashes.length; ++chunk) {
                uint256 first = chunk * CHUNK_ORDERS;
                if (uint32(marked[first / WORD_ORDERS] >> first % WORD_ORDERS) == 0) {
                    walk.hashes[chunk] = wordAt(chunks, at);
                    at += 32;
                    continue;
                }
                uint256 orders = walk.count - first;
                uint256 size = (orders < CHUNK_ORDERS ? orders : CHUNK_ORDERS) * walk.width;
                walk.amountsAt = at;
                (walk.word, walk.firstBit) = (first / WORD_ORDERS, first % WORD_ORDERS);
                walk.hashes[chunk] = hash(chunks, at, size);
                (walk.chunk, walk.at) = (chunk + 1, at + size);
                return true;
            }
            (walk.chunk, walk.at) = (chunk, at);
            return false;
        }
    }

    /// @notice Appends the amounts of the chosen orders of the present chunk.
    /// @param bits of the chunk's orders, and none beyond them.
    /// @param amountsFen with room for 32 beyond its length, which becomes that of what it holds.
    /// @return sumFen of these amounts.
    /// @return ample whether each is at least `ampleFen`.
    function pick(Walk memory walk, bytes calldata chunks, uint256 bits, uint256 ampleFen, uint256[] memory amountsFen)
        internal
        pure
        returns (uint256 sumFen, bool ample)
    {
        (uint256 width, uint256 from) = (walk.width, walk.amountsAt);
        assembly ("memory-safe") {
            let shift := sub(256, shl(3, width))
            let at := add(chunks.offset, from)
            let place := add(add(amountsFen, 32), shl(5, mload(amountsFen)))
            let less := 0
            switch bits
            case 0xffffffff {
                for { let end := add(place, 1024) } lt(place, end) { place := add(place, 64) } {
                    let amountFen := shr(shift, calldataload(at))
                    let another := shr(shift, calldataload(add(at, width)))
                    mstore(place, amountFen)
                    mstore(add(place, 32), another)
                    less := or(less, or(lt(amountFen, ampleFen), lt(another, ampleFen)))
                    sumFen := add(sumFen, add(amountFen, another))
                    at := add(add(at, width), width)
                }
            }
            default {
                for {} bits {
                    bits := shr(1, bits)
                    at := add(at, width)
                } {
                    // Most often few are chosen: eight that are not are passed over at once.
                    for {} iszero(and(bits, 0xff)) { bits := shr(8, bits) } { at := add(at, shl(3, width)) }
                    if and(bits, 1) {
                        let amountFen := shr(shift, calldataload(at))
                        mstore(place, amountFen)
                        place := add(place, 32)
                        less := or(less, lt(amountFen, ampleFen))
                        sumFen := add(sumFen, amountFen)
                    }
                }
            }
            mstore(amountsFen, shr(5, sub(sub(place, amountsFen), 32)))
            ample := iszero(less)
        }
    }

    /// @notice The root, once `next` found no more.
    function rootOf(Walk memory walk) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(walk.hashes));
    }

    /// @dev Zeros beyond the end: the root then is another.
    function wordAt(bytes calldata data, uint256 at) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(add(data.offset, at))
        }
    }

    /// @dev Hashed where memory is free, which stays free.
    function hash(bytes calldata data, uint256 from, uint256 size) private pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, add(data.offset, from), size)
            digest := keccak256(free, size)
        }
    }
}
