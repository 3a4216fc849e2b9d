"""The content-addressed store: captured documents and manifests under their SHA-256, and the openings of commitments.

    documents/<first two hex digits>/<sha256>      the bytes as handed in
    documents/openings/<commitment>.json           what a commitment commits to

Files appear whole or not at all, are synced before `put` returns, and are never changed. A file is checked each time it
is read: one that was damaged raises BrokenEvidence and names itself. The store is private to its home: openings hold
salts.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ledger.errors import BadInput, BrokenEvidence, NotFound
from ledger.store.atomic import disk_refused, write_atomically

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Opening:
    """What opens a commitment: SHA-256(salt ‖ event_hash) == commitment. All hex is lower case without prefix.

    `document` is the SHA-256 of the captured bytes, `position` the event's place in it from 0, `member` who said it.
    """

    commitment: str
    salt: str
    event_hash: str
    document: str
    position: int
    member: int

    @property
    def opens(self) -> bool:
        """Whether salt and event hash make the commitment."""
        return hashlib.sha256(bytes.fromhex(self.salt) + bytes.fromhex(self.event_hash)).hexdigest() == self.commitment


class Documents:
    """The document store of one home, in the folder `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def openings(self) -> Path:
        return self.path / "openings"

    def file_of(self, digest: str) -> Path:
        """Where the document with this SHA-256 lies, or would lie."""
        return self.path / digest[:2] / digest

    def put(self, data: bytes) -> str:
        """Keeps `data` and returns its SHA-256 in hex. A repeat changes nothing; a damaged file is made good.

        Unavailable when the disk refuses; nothing half-written is left.
        """
        digest = hashlib.sha256(data).hexdigest()
        path = self.file_of(digest)
        if _read(path) != data:
            write_atomically(path, data)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes with this SHA-256. NotFound when the store lacks them, BrokenEvidence when the file was damaged."""
        data = _read(self.file_of(digest)) if _is_digest(digest) else None
        if data is None:
            raise NotFound(f"The document store does not hold {digest!r}.", where=str(self.path), digest=digest)
        if hashlib.sha256(data).hexdigest() != digest:
            raise BrokenEvidence(
                "This file of the document store was damaged: its bytes no longer have the SHA-256 that is its name.",
                where=str(self.file_of(digest)),
                hint="Put the original back, from a backup or by capturing the same document again.",
                digest=digest,
            )
        return data

    def has(self, digest: str) -> bool:
        return _is_digest(digest) and self.file_of(digest).is_file()

    def put_opening(self, opening: Opening) -> None:
        """Keeps an opening under its commitment: the first stays, unless it or its document was lost or damaged.

        BadInput when salt and event hash do not make the commitment.
        """
        path = self._opening_file(opening.commitment)
        if not opening.opens:
            raise BadInput("This salt and event hash do not make the commitment.", where=str(path))
        if not self._holds(opening.commitment):
            write_atomically(path, json.dumps(asdict(opening), indent=1).encode() + b"\n")

    def get_opening(self, commitment: str) -> Opening | None:
        """What opens the commitment; None where this home does not know. BrokenEvidence when the file was damaged."""
        path = self._opening_file(commitment)
        data = _read(path)
        if data is None:
            return None
        try:
            opening = _opening_from(json.loads(data))
            whole = opening.commitment == commitment and opening.opens
        except (ValueError, TypeError, KeyError):
            whole = False
        if not whole:
            raise BrokenEvidence(
                "This opening was damaged: its salt and event hash do not make the commitment that is its name.",
                where=str(path),
                hint="Put it back from a backup, or remove the file and capture the same document again.",
                commitment=commitment,
            )
        return opening

    def _holds(self, commitment: str) -> bool:
        try:
            kept = self.get_opening(commitment)
        except BrokenEvidence:
            return False
        return kept is not None and self.has(kept.document)

    def _opening_file(self, commitment: str) -> Path:
        if not _is_digest(commitment):
            raise BadInput(f"{commitment!r} is no commitment: 64 hex digits in lower case are needed.")
        return self.openings / f"{commitment}.json"


def _opening_from(raw: dict[str, Any]) -> Opening:
    opening = Opening(**{field.name: raw[field.name] for field in fields(Opening)})
    numbers, digests = (opening.position, opening.member), (opening.salt, opening.event_hash, opening.document)
    if not all(type(number) is int for number in numbers) or not all(_is_digest(digest) for digest in digests):
        raise ValueError
    return opening


def _is_digest(text: str) -> bool:
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_refused(error, path) from error
