"""The published vectors of the CBV 2.0 event hash, in both forms: every hash and every pre-hash string."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.trace.event_hash import hashes_of_document

pytestmark = pytest.mark.shared

# Both published lines are of one event, in two versions of the tool; the hashes beside them are right.
_STALE_PREHASHES = {"epcisDocWithCustomSchemaInContext"}


def _documents(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in (".jsonld", ".xml"))


def test_every_published_hash_is_met(corpora: Path) -> None:
    documents = _documents(corpora / "epcis" / "event-hash")
    assert len(documents) > 20
    for path in documents:
        expected = path.with_suffix(".hashes").read_text().split()
        assert [event.ni for event in hashes_of_document(path.read_bytes(), path.name)] == expected, path.name


def test_every_published_prehash_is_met(corpora: Path) -> None:
    for path in _documents(corpora / "epcis" / "event-hash"):
        published = path.with_suffix(".prehashes")
        if published.exists() and path.stem not in _STALE_PREHASHES:
            expected = [line for line in published.read_text().splitlines() if line]
            assert [event.prehash for event in hashes_of_document(path.read_bytes(), path.name)] == expected, path.name


def test_documents_that_differ_in_form_hash_alike(corpora: Path) -> None:
    documents = _documents(corpora / "epcis" / "event-hash-equal")
    assert documents
    for path in documents:
        assert len({event.hex for event in hashes_of_document(path.read_bytes(), path.name)}) == 1, path.name
