"""The manifest of a batch: the number and the amount of each of its orders, by position.

Canonical JSON (RFC 8785), kept in the document store under its SHA-256, which the batch's terms carry: the same orders in the
same order are the same manifest. 1,000 orders take about 25 kB.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import rfc8785

from ledger.errors import BadInput
from ledger.settle.batch_id import BatchTerms
from ledger.settle.order_line import check_number
from ledger.settle.packed_amounts import pack_amounts, root_of, width_of

_TYPE = "order batch"
_MEMBERS = frozenset({"type", "merchant", "numbers", "amounts_fen"})


@dataclass(frozen=True)
class BatchManifest:
    """`numbers` and `amounts_fen` by position, of one length."""

    merchant: int
    numbers: tuple[str, ...]
    amounts_fen: tuple[int, ...]

    @property
    def total_fen(self) -> int:
        return sum(self.amounts_fen)


def write_batch_manifest(manifest: BatchManifest) -> bytes:
    return rfc8785.dumps(
        {
            "type": _TYPE,
            "merchant": manifest.merchant,
            "numbers": manifest.numbers,
            "amounts_fen": manifest.amounts_fen,
        }
    )


def read_batch_manifest(data: bytes) -> BatchManifest:
    """BadInput unless it lists orders, each with a number of its own that can be carried and an amount that can be packed."""
    try:
        said: Any = json.loads(data)
    except ValueError as error:
        raise BadInput(f"The manifest is no JSON: {error}.") from None
    if not isinstance(said, dict) or said.keys() != _MEMBERS or said["type"] != _TYPE:
        raise BadInput("The document is no manifest of a batch of orders.")
    merchant, numbers, amounts_fen = said["merchant"], said["numbers"], said["amounts_fen"]
    if not (type(merchant) is int and _all(str, numbers) and _all(int, amounts_fen)):
        raise BadInput("The manifest's numbers are not texts, or its amounts no whole numbers.")
    manifest = BatchManifest(merchant, tuple(numbers), tuple(amounts_fen))
    _check(manifest)
    return manifest


def difference(manifest: BatchManifest, merchant: int, terms: BatchTerms) -> str | None:
    """In words, what the manifest says otherwise than the terms that the merchant placed; None when they agree."""
    if manifest.merchant != merchant:
        return f"The manifest is of member {manifest.merchant}, not of {merchant}."
    if len(manifest.numbers) != terms.count:
        return f"The manifest lists {len(manifest.numbers)} orders, not {terms.count}."
    if manifest.total_fen != terms.total_fen:
        return f"The manifest's amounts sum to {manifest.total_fen} fen, not to {terms.total_fen}."
    if width_of(manifest.amounts_fen) > terms.width:
        return f"An amount of the manifest does not fit into {terms.width} bytes."
    root = root_of(pack_amounts(manifest.amounts_fen, terms.width), terms.width).hex()
    return None if root == terms.amounts_root else f"The manifest's amounts make the root {root}."


def _all(kind: type, values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is kind for value in values)


def _check(manifest: BatchManifest) -> None:
    if len(manifest.numbers) != len(manifest.amounts_fen):
        raise BadInput(f"The manifest lists {len(manifest.numbers)} numbers and {len(manifest.amounts_fen)} amounts.")
    if len(set(manifest.numbers)) != len(manifest.numbers):
        raise BadInput("The manifest lists a number twice.")
    for number in manifest.numbers:
        check_number(number)
    width_of(manifest.amounts_fen)
