"""The document store: whole or nothing, never changed, and it notices damage."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.errors import BadInput, BrokenEvidence, NotFound, Unavailable
from ledger.store.documents import Documents, Opening

SALT, EVENT_HASH = "11" * 32, "22" * 32
COMMITMENT = hashlib.sha256(bytes.fromhex(SALT + EVENT_HASH)).hexdigest()


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    return Documents(tmp_path / "documents")


def an_opening(documents: Documents, content: bytes = b"{}") -> Opening:
    return Opening(COMMITMENT, SALT, EVENT_HASH, documents.put(content), 0, 3)


def files(documents: Documents) -> list[Path]:
    return [path for path in documents.path.rglob("*") if path.is_file()]


def test_unknown_document_is_not_found(documents: Documents) -> None:
    with pytest.raises(NotFound):
        documents.get("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "openings", "", "A" * 64])
def test_what_is_no_digest_names_no_file(documents: Documents, name: str) -> None:
    assert not documents.has(name)
    with pytest.raises(NotFound):
        documents.get(name)
    with pytest.raises(BadInput):
        documents.get_opening(name)


def test_damaged_document_is_named(documents: Documents) -> None:
    digest = documents.put(b"harvested")
    documents.file_of(digest).write_bytes(b"harvestex")
    with pytest.raises(BrokenEvidence) as refusal:
        documents.get(digest)
    assert str(documents.file_of(digest)) in str(refusal.value)


def test_putting_a_damaged_document_again_makes_it_good(documents: Documents) -> None:
    digest = documents.put(b"harvested")
    documents.file_of(digest).write_bytes(b"")
    assert documents.put(b"harvested") == digest
    assert documents.get(digest) == b"harvested"


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_full_disk_is_a_sentence_and_leaves_nothing(
    documents: Documents, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    def refuse(_handle: int) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(Unavailable, match="Nothing was written"):
        documents.put(b"harvested")
    assert files(documents) == []


def test_document_is_found_by_what_it_says(documents: Documents) -> None:
    digest = documents.put(b"harvested")
    assert digest == hashlib.sha256(b"harvested").hexdigest()
    assert documents.has(digest)
    assert documents.get(digest) == b"harvested"


def test_a_repeat_changes_nothing(documents: Documents) -> None:
    digest = documents.put(b"harvested")
    before = documents.file_of(digest).stat()
    assert documents.put(b"harvested") == digest
    assert documents.file_of(digest).stat().st_ino == before.st_ino
    assert len(files(documents)) == 1


def test_opening_that_does_not_open_is_refused(documents: Documents) -> None:
    with pytest.raises(BadInput):
        documents.put_opening(replace(an_opening(documents), salt="33" * 32))
    assert documents.get_opening(COMMITMENT) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"commitment": "x"}'])
def test_damaged_opening_is_named_and_can_be_made_good(documents: Documents, damage: bytes) -> None:
    opening = an_opening(documents)
    documents.put_opening(opening)
    file = documents.openings / f"{COMMITMENT}.json"
    file.write_bytes(damage)
    with pytest.raises(BrokenEvidence) as refusal:
        documents.get_opening(COMMITMENT)
    assert str(file) in str(refusal.value)
    documents.put_opening(opening)
    assert documents.get_opening(COMMITMENT) == opening


def test_the_first_opening_stays(documents: Documents) -> None:
    first, second = an_opening(documents), an_opening(documents, b'{"again": 1}')
    documents.put_opening(first)
    documents.put_opening(second)
    assert documents.get_opening(COMMITMENT) == first


def test_opening_whose_document_was_lost_gives_way(documents: Documents) -> None:
    first, second = an_opening(documents), an_opening(documents, b'{"again": 1}')
    documents.put_opening(first)
    documents.file_of(first.document).unlink()
    documents.put_opening(second)
    assert documents.get_opening(COMMITMENT) == second
