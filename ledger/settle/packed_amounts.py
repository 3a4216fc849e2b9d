"""The packed amounts of a batch of orders, 32 orders a chunk, and marks of some of its orders. Pure.

The format stands on IBatches; `contracts/src/libraries/Chunks.sol` is the same in Solidity. An amount is `width` bytes,
big-endian; the root is the keccak256 of the keccak256 of each chunk. Marks are words of 256 bits: position p is bit p % 256 of
word p / 256. What needs some orders repeats the chunks in which they are, and only the hashes of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from eth_utils.crypto import keccak

from ledger.errors import BadInput
from ledger.settle.split import MOST_FEN

CHUNK_ORDERS = 32
WORD_ORDERS = 256
MOST_ORDERS = 4_096
MOST_WIDTH = 7


# --- amounts ---------------------------------------------------------------------------------------------------------


def width_of(amounts_fen: Sequence[int]) -> int:
    """The fewest bytes, 1 to 7, in which each amount fits. BadInput for none, too many, or one below 1 or above 9e14 fen."""
    if not 1 <= len(amounts_fen) <= MOST_ORDERS:
        raise BadInput(
            f"A batch is of 1 to {MOST_ORDERS:,} orders, not of {len(amounts_fen):,}.", hint="Split the orders."
        )
    least, most = min(amounts_fen), max(amounts_fen)
    if least < 1 or most > MOST_FEN:
        wrong = least if least < 1 else most
        raise BadInput(f"An order is of 1 to {MOST_FEN:,} fen; this is of {wrong:,}.", amount_fen=wrong)
    return (most.bit_length() + 7) // 8


def pack_amounts(amounts_fen: Iterable[int], width: int) -> bytes:
    """The amounts, in fen, `width` bytes each. OverflowError for one that does not fit."""
    return b"".join([amount_fen.to_bytes(width, "big") for amount_fen in amounts_fen])


def unpack_amounts(packed: bytes, width: int) -> list[int]:
    """Fen by position. BadInput when the bytes are not those of whole amounts."""
    if not 1 <= width <= MOST_WIDTH or len(packed) % width:
        raise BadInput(f"{len(packed):,} bytes are not whole amounts of {width} bytes.")
    return [int.from_bytes(packed[at : at + width], "big") for at in range(0, len(packed), width)]


def chunk_hashes(packed: bytes, width: int) -> list[bytes]:
    """The keccak256 of each chunk; the last may be of fewer orders."""
    return [keccak(chunk) for chunk in _chunks(packed, width)]


def root_of(packed: bytes, width: int) -> bytes:
    """What the batch's terms hold: keccak256 of the chunks' hashes."""
    return keccak(b"".join(chunk_hashes(packed, width)))


def chunks_for(packed: bytes, width: int, marks: Sequence[int]) -> bytes:
    """What a call repeats for these marks: a chunk of which an order is marked as it is, of another the hash."""
    return b"".join(
        chunk if _marked(marks, place) else keccak(chunk) for place, chunk in enumerate(_chunks(packed, width))
    )


def _chunks(packed: bytes, width: int) -> Iterator[bytes]:
    size = CHUNK_ORDERS * width
    return (packed[at : at + size] for at in range(0, len(packed), size))


def _marked(marks: Sequence[int], chunk: int) -> bool:
    word, bit = divmod(chunk * CHUNK_ORDERS, WORD_ORDERS)
    return bool(marks[word] >> bit & (1 << CHUNK_ORDERS) - 1)


# --- marks -----------------------------------------------------------------------------------------------------------


def marks_of(positions: Iterable[int], count: int) -> tuple[int, ...]:
    """A word for each 256 of `count` orders, the last also for fewer. BadInput for a position beyond them."""
    words = [0] * -(-count // WORD_ORDERS)
    for position in positions:
        if not 0 <= position < count:
            raise BadInput(f"There is no position {position} in a batch of {count:,} orders.", position=position)
        words[position // WORD_ORDERS] |= 1 << position % WORD_ORDERS
    return tuple(words)


def marks_of_all(count: int) -> tuple[int, ...]:
    """Every one of `count` orders marked."""
    return tuple((1 << min(WORD_ORDERS, count - first)) - 1 for first in range(0, count, WORD_ORDERS))


def positions_in(marks: Iterable[int]) -> list[int]:
    """The marked positions, in their order."""
    return [
        word * WORD_ORDERS + bit
        for word, mark in enumerate(marks)
        for bit, digit in enumerate(f"{mark:b}"[::-1])
        if digit == "1"
    ]
