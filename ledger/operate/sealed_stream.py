"""A stream of bytes in a file, sealed so that any change, and any end that comes too early, is noticed when it is read.

    "SUYUAN BACKUP 1\\n", a line of JSON (the head), then frames: length (4 bytes), ciphertext of up to 1 MiB with its tag

Each frame is AES-256-GCM (NIST SP 800-38D) under a key that scrypt (RFC 7914) makes of a passphrase. Its nonce is 7 random
bytes, the frame's number and whether it is the last one (the STREAM construction); the head is authenticated with each. Without
a passphrase the key is a known one: damage is noticed all the same, and everybody can read it.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import secrets
from pathlib import Path
from typing import IO, Any

from Crypto.Cipher import AES

from ledger.errors import BadInput, WrongPassword

MAGIC = b"SUYUAN BACKUP 1\n"
FRAME_BYTES = 1 << 20
TAG_BYTES = 16
MOST_HEAD_BYTES = 4096

#: scrypt's n, r, p: about half a second a guess, 128 MB.
WORK = (2**17, 8, 1)
_MOST_MEMORY = 512 * 1024 * 1024

_OPEN_KEY = hashlib.sha256(b"suyuan backup without a passphrase: no secret").digest()


class SealingWriter(io.RawIOBase):
    """Writes sealed frames to `file`; `close` writes the last one, without which the stream counts as cut off."""

    def __init__(self, file: IO[bytes], passphrase: str | None) -> None:
        super().__init__()
        self._file = file
        self._pending = bytearray()
        self._number = 0
        salt, prefix = secrets.token_bytes(16), secrets.token_bytes(7)
        key = _key(passphrase, salt, WORK)
        head = {"sealed": passphrase is not None, "work": WORK, "salt": salt.hex(), "nonce": prefix.hex()}
        self._head = json.dumps({**head, "check": _check(key)}).encode() + b"\n"
        self._key, self._prefix = key, prefix
        file.write(MAGIC + self._head)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        self._pending += view
        while len(self._pending) > FRAME_BYTES:
            self._frame(bytes(self._pending[:FRAME_BYTES]), last=False)
            del self._pending[:FRAME_BYTES]
        return len(view)

    def close(self) -> None:
        if not self.closed:
            self._frame(bytes(self._pending), last=True)
            super().close()

    def abandon(self) -> None:
        """Closes without the last frame: what was written counts as cut off."""
        super().close()

    def _frame(self, data: bytes, *, last: bool) -> None:
        cipher = AES.new(self._key, AES.MODE_GCM, nonce=_nonce(self._prefix, self._number, last))
        cipher.update(self._head)
        sealed, tag = cipher.encrypt_and_digest(data)
        self._file.write(len(sealed).to_bytes(4, "big") + sealed + tag)
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads what a SealingWriter wrote. BadInput, with the place in the file, where that is damaged or cut off.

    `sealed` tells whether it takes a passphrase: WrongPassword without the right one.
    """

    def __init__(self, path: Path, file: IO[bytes], passphrase: str | None) -> None:
        super().__init__()
        self._path, self._file = path, file
        self._head, head = _read_head(path, file)
        self.sealed = bool(head["sealed"])
        if self.sealed and not passphrase:
            raise WrongPassword(
                "This backup is sealed with a passphrase.",
                where=str(path),
                hint="Set SUYUAN_BACKUP_PASSPHRASE, or run this in a terminal to be asked.",
            )
        self._key = _key(passphrase if self.sealed else None, bytes.fromhex(head["salt"]), tuple(head["work"]))
        if not hmac.compare_digest(_check(self._key), str(head["check"])):
            raise WrongPassword("The passphrase does not open this backup.", where=str(path), hint="Try another.")
        self._prefix = bytes.fromhex(head["nonce"])
        self._number, self._plain, self._ended = 0, memoryview(b""), False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._plain and not self._ended:
            self._plain = memoryview(self._frame())
        part = self._plain[: len(buffer)]
        buffer[: len(part)] = part
        self._plain = self._plain[len(part) :]
        return len(part)

    def _frame(self) -> bytes:
        place = self._file.tell()
        length = int.from_bytes(self._file.read(4), "big")
        sealed, tag = self._file.read(min(length, FRAME_BYTES)), self._file.read(TAG_BYTES)
        if length > FRAME_BYTES or len(sealed) < length or len(tag) < TAG_BYTES:
            raise self._damaged("is cut off or damaged", place)
        for last in (False, True):
            cipher = AES.new(self._key, AES.MODE_GCM, nonce=_nonce(self._prefix, self._number, last))
            cipher.update(self._head)
            try:
                data = cipher.decrypt_and_verify(sealed, tag)
            except ValueError:
                continue
            if last and self._file.read(1):
                raise self._damaged("has bytes behind its end", self._file.tell() - 1)
            self._number, self._ended = self._number + 1, last
            return data
        raise self._damaged("is damaged", place)

    def _damaged(self, what: str, place: int) -> BadInput:
        return BadInput(
            f"The backup {what} (at byte {place:,}); nothing was restored.",
            where=str(self._path),
            hint="Use another copy of it, or another backup.",
        )


def _read_head(path: Path, file: IO[bytes]) -> tuple[bytes, dict[str, Any]]:
    if file.read(len(MAGIC)) != MAGIC:
        raise BadInput("This file is no backup of Suyuan.", where=str(path), hint="`suyuan backup` writes them.")
    line = file.readline(MOST_HEAD_BYTES)
    try:
        head: dict[str, Any] = json.loads(line)
        n, r, p = head["work"]
        memory = 128 * n * r * p
        if not all(type(each) is int and each > 0 for each in (n, r, p)) or memory > _MOST_MEMORY:
            raise ValueError
        if len(bytes.fromhex(head["nonce"])) != 7 or len(bytes.fromhex(head["salt"])) != 16 or "check" not in head:
            raise ValueError
        _ = head["sealed"]
    except (ValueError, KeyError, TypeError):
        raise BadInput(
            "The head of this backup is damaged; nothing was restored.", where=str(path), hint="Use another copy of it."
        ) from None
    return line, head


def _key(passphrase: str | None, salt: bytes, work: tuple[int, ...]) -> bytes:
    if passphrase is None:
        return _OPEN_KEY
    n, r, p = work
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MOST_MEMORY + 2**20, dklen=32)


def _check(key: bytes) -> str:
    """Tells a wrong passphrase from a damaged file, and nothing of the key."""
    return hmac.digest(key, b"suyuan backup check", hashlib.sha256)[:8].hex()


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
