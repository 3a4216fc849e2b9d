"""Item codes: the serials of a lot, each with a MAC that tells an invented one from a real one without a look-up, and
the manifest, the list of leaves whose SHA-256 goes on chain beside their Merkle root.

A serial is 20 characters of Crockford's base32 (the limit of GS1 AI 21): 12 random (60 bits) and 8 of MAC, the first 40
bits of HMAC-SHA256(key, "{gtin}/{lot}/{random}"). The leaf of a serial is its GS1 Digital Link path in UTF-8,
`/01/{gtin}/10/{lot}/21/{serial}`, percent-encoded (GS1 Digital Link URI Syntax 1.6, section 4).

The manifest is ASCII text: the first line holds what all leaves begin with, `/01/{gtin}/10/{lot}/21/`, each further
line one serial, in the order of the leaves; every line ends with a line feed. There is one form only.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from ledger.config import Home
from ledger.errors import BadInput
from ledger.store.atomic import create_atomically
from ledger.trace.gs1 import check_lot
from ledger.trace.gs1.characters import to_path

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS = 12
MAC_CHARACTERS = 8  # 40 bits
SERIAL_CHARACTERS = RANDOM_CHARACTERS + MAC_CHARACTERS
MOST_ITEMS = 1_000_000

_SERIAL = re.compile(f"[{ALPHABET}]{{{SERIAL_CHARACTERS}}}")
_HEAD = re.compile(r"/01/(\d{14})/10/([^/]+)/21/")
_RFC_4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_CROCKFORD = str.maketrans(_RFC_4648, ALPHABET)
_CONFUSABLES = str.maketrans("ILO", "110")
_KEY_BYTES = 32


@dataclass(frozen=True)
class Manifest:
    """The serials of one lot in the order of their leaves."""

    gtin: str  # 14 digits
    lot: str
    serials: tuple[str, ...]

    def leaves(self) -> list[bytes]:
        """The leaf data (not hashed), in order."""
        head = leaf_head(self.gtin, self.lot)
        return [(head + serial).encode("ascii") for serial in self.serials]


def leaf_head(gtin: str, lot: str) -> str:
    """What the leaves of a lot begin with: `/01/{gtin}/10/{lot}/21/`."""
    return f"/01/{gtin}/10/{to_path(lot)}/21/"


def leaf(gtin: str, lot: str, serial: str) -> bytes:
    """The leaf data of one serial."""
    return (leaf_head(gtin, lot) + to_path(serial)).encode("ascii")


def write_manifest(manifest: Manifest) -> bytes:
    """The manifest's only byte form. BadInput when a part of it could not be read back."""
    _check_lot(manifest.gtin, manifest.lot)
    _check_serials(manifest.serials)
    return "\n".join([leaf_head(manifest.gtin, manifest.lot), *manifest.serials, ""]).encode("ascii")


def read_manifest(data: bytes) -> Manifest:
    """Reads a manifest back. BadInput (`where`: the line) when the bytes are not exactly what write_manifest writes."""
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise BadInput("A manifest of item codes is plain ASCII text.", where=f"byte {error.start}") from None
    head = _HEAD.fullmatch(lines[0])
    if head is None:
        raise BadInput("A manifest of item codes begins with a line /01/{gtin}/10/{lot}/21/.", where="line 1")
    if lines[-1] != "":
        raise BadInput("A manifest of item codes ends with a line feed.", where=f"line {len(lines)}")
    manifest = Manifest(gtin=head[1], lot=unquote(head[2]), serials=tuple(lines[1:-1]))
    _check_lot(manifest.gtin, manifest.lot)
    if leaf_head(manifest.gtin, manifest.lot) != lines[0]:
        raise BadInput("The lot in a manifest is percent-encoded in one way only.", where="line 1", lot=manifest.lot)
    _check_serials(manifest.serials)
    return manifest


def make_serials(key: bytes, gtin: str, lot: str, count: int) -> tuple[str, ...]:
    """`count` fresh serials of a lot, no two alike. BadInput when the lot or the count cannot be."""
    _check_lot(gtin, lot)
    if not 1 <= count <= MOST_ITEMS:
        raise BadInput(
            f"A lot gets between 1 and {MOST_ITEMS:,} item codes at once, not {count:,}.", hint="Split the lot."
        )
    randoms: dict[str, None] = {}
    while len(randoms) < count:
        # 15 random bytes are 24 characters, two serials' worth: one call for all of them.
        text = _base32(secrets.token_bytes(15 * ((count - len(randoms) + 1) // 2)))
        randoms.update((text[at : at + RANDOM_CHARACTERS], None) for at in range(0, len(text), RANDOM_CHARACTERS))
    chosen = list(randoms)[:count]
    macs = _base32(b"".join(_mac(key, gtin, lot, random) for random in chosen))
    return tuple(random + macs[MAC_CHARACTERS * n : MAC_CHARACTERS * (n + 1)] for n, random in enumerate(chosen))


def normal_serial(serial: str) -> str:
    """A serial as it is stored: upper case, with I, L and O read as the digits they resemble (Crockford)."""
    return serial.upper().translate(_CONFUSABLES)


def check_serial(key: bytes, gtin: str, lot: str, serial: str) -> bool:
    """Whether the MAC is right. Takes the same time wherever the MAC differs."""
    serial = normal_serial(serial)
    if _SERIAL.fullmatch(serial) is None:
        return False
    random, mac = serial[:RANDOM_CHARACTERS], serial[RANDOM_CHARACTERS:]
    return hmac.compare_digest(_base32(_mac(key, gtin, lot, random)), mac)


def load_mac_key(home: Home) -> bytes:
    """This home's MAC key, 32 random bytes in `keys/item-mac.key` (mode 0600), made on first use."""
    path = home.keys / "item-mac.key"
    if not path.exists():
        create_atomically(path, secrets.token_bytes(_KEY_BYTES))
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise BadInput(
            f"The key of the item codes holds {len(key)} bytes instead of {_KEY_BYTES}.",
            where=str(path),
            hint="Restore it from a copy: a new key would make every printed code look forged.",
        )
    return key


def _mac(key: bytes, gtin: str, lot: str, random: str) -> bytes:
    """40 bits. The GTIN and the random part have a fixed length, so a `/` in the lot leaves nothing ambiguous."""
    return hmac.digest(key, f"{gtin}/{lot}/{random}".encode(), "sha256")[:5]


def _base32(data: bytes) -> str:
    """Crockford's base32, 8 characters for 5 bytes; `data` is a multiple of 5 bytes."""
    return b32encode(data).decode("ascii").translate(_TO_CROCKFORD)


def _check_lot(gtin: str, lot: str) -> None:
    if re.fullmatch(r"[0-9]{14}", gtin) is None:
        raise BadInput(f"A GTIN stands here with 14 digits, not {gtin!r}.", hint="Fill it up with zeros from the left.")
    check_lot(lot)


def _check_serials(serials: Sequence[str]) -> None:
    if not serials:
        raise BadInput("A manifest of item codes without a code.", hint="Ask for at least one.")
    seen: set[str] = set()
    for line, serial in enumerate(serials, start=2):
        if _SERIAL.fullmatch(serial) is None:
            raise BadInput(
                f"{serial!r} is no serial: {SERIAL_CHARACTERS} characters of {ALPHABET}.", where=f"line {line}"
            )
        if serial in seen:
            raise BadInput(f"The serial {serial} stands there twice.", where=f"line {line}")
        seen.add(serial)
