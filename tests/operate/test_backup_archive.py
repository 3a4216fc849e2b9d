"""An archive is believed as a whole or not at all: whatever byte is changed, missing or added."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from pathlib import Path

import pytest

from ledger.errors import BadInput, Conflict, SuyuanError, Unavailable, WrongPassword
from ledger.operate import sealed_stream
from ledger.operate.backup_archive import unpack, verify, writing
from ledger.operate.sealed_stream import SealingWriter

FILES = {
    "config.json": b"{}",
    "documents/ab/abc": b"words " * 5_000,
    "keys/farm.json": b"",
    "rows/outbox.jsonl": b"[1]\n",
}
PHRASE = "a backup of the farm's own"


@pytest.fixture(autouse=True)
def _quick_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_stream, "WORK", (2**4, 8, 1))


@pytest.fixture(params=[PHRASE, None], ids=["sealed", "unsealed"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str | None]:
    """An archive of FILES, and what opens it."""
    file = tmp_path / "backup"
    with writing(file, request.param) as made:
        for name, data in FILES.items():
            made.add(name, data)
        made.finish({"format": 1})
    return file, request.param


def test_every_changed_byte_is_noticed(archive: tuple[Path, str | None], tmp_path: Path) -> None:
    file, phrase = archive
    whole, other = file.read_bytes(), tmp_path / "damaged"
    places = random.Random(7).sample(range(len(whole)), 150)
    for place in {0, len(whole) - 1, *places}:
        other.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
        with pytest.raises(SuyuanError):
            verify(other, phrase)


def test_every_end_that_comes_too_early_is_noticed(archive: tuple[Path, str | None], tmp_path: Path) -> None:
    file, phrase = archive
    whole, other = file.read_bytes(), tmp_path / "cut"
    for length in {0, 10, 20, len(whole) - 1, *random.Random(7).sample(range(len(whole)), 60)}:
        other.write_bytes(whole[:length])
        with pytest.raises(BadInput):
            verify(other, phrase)


def test_bytes_behind_the_end_are_noticed(archive: tuple[Path, str | None]) -> None:
    file, phrase = archive
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(BadInput, match="bytes behind its end"):
        verify(file, phrase)


def test_frames_that_were_left_out_or_changed_places_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_stream, "FRAME_BYTES", 1_000)
    file = tmp_path / "backup"
    with writing(file, PHRASE) as made:
        made.add("documents/noise", random.Random(7).randbytes(10_000))
        made.finish({"format": 1})
    whole = file.read_bytes()
    start, frame = whole.index(b"\n", whole.index(b"\n") + 1) + 1, 4 + 1_000 + 16
    first, second = whole[start : start + frame], whole[start + frame : start + 2 * frame]
    for changed in (second + first + whole[start + 2 * frame :], whole[start + frame :], whole[start : start + frame]):
        file.write_bytes(whole[:start] + changed)
        with pytest.raises(BadInput, match="damaged"):
            verify(file, PHRASE)
    file.write_bytes(whole)
    assert set(verify(file, PHRASE)["files"]) == {"documents/noise"}


def test_the_wrong_passphrase_is_told_from_damage(archive: tuple[Path, str | None]) -> None:
    file, phrase = archive
    if phrase is None:
        assert verify(file, "whatever")["format"] == 1
        return
    with pytest.raises(WrongPassword, match="does not open"):
        verify(file, "another passphrase")
    with pytest.raises(WrongPassword, match="sealed with a passphrase"):
        verify(file, None)


def test_nothing_of_it_can_be_read_without_the_passphrase(archive: tuple[Path, str | None]) -> None:
    file, phrase = archive
    if phrase is not None:
        body = file.read_bytes()
        assert b"words" not in body
        assert b"config.json" not in body


def test_it_is_for_its_owner_alone_and_overwrites_nothing(archive: tuple[Path, str | None]) -> None:
    file, phrase = archive
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    with pytest.raises(Conflict, match="already"), writing(file, phrase):
        pass
    assert file.read_bytes() == before


def test_one_that_fails_while_it_is_written_leaves_nothing(tmp_path: Path) -> None:
    def run_out_of_disk() -> None:
        with writing(tmp_path / "backup", PHRASE) as made:
            made.add("config.json", b"{}")
            raise Unavailable("The disk is full.")

    with pytest.raises(Unavailable):
        run_out_of_disk()
    assert list(tmp_path.iterdir()) == []


def test_what_is_unpacked_is_what_went_in(archive: tuple[Path, str | None], tmp_path: Path) -> None:
    file, phrase = archive
    target = tmp_path / "target"
    target.mkdir()
    manifest = unpack(file, phrase, target, lambda name: not name.startswith("keys/"))
    assert set(manifest["files"]) == set(FILES)
    there = {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()}
    assert there == {name: data for name, data in FILES.items() if not name.startswith("keys/")}
    assert all(path.stat().st_mode & 0o077 == 0 for path in target.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "a/../../outside"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    file = _crafted(tmp_path, [tarfile.TarInfo(name)])
    with pytest.raises(BadInput, match="an entry that no backup has"):
        verify(file, None)


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = tarfile.TarInfo("documents/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(BadInput, match="an entry that no backup has"):
        verify(_crafted(tmp_path, [link]), None)


def test_one_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no manifest"):
        verify(_crafted(tmp_path, [tarfile.TarInfo("config.json")]), None)


def test_another_file_is_no_backup(tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("Dear farm")
    with pytest.raises(BadInput, match="no backup of Suyuan"):
        verify(other, PHRASE)
    with pytest.raises(BadInput, match="no such backup"):
        verify(tmp_path / "missing", PHRASE)


def test_work_that_would_exhaust_the_machine_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "greedy"
    head = (
        b'{"sealed": true, "work": [1073741824, 8, 1], "salt": "'
        + b"00" * 16
        + b'", "nonce": "'
        + b"00" * 7
        + b'", "check": ""}\n'
    )
    file.write_bytes(sealed_stream.MAGIC + head)
    with pytest.raises(BadInput, match="head of this backup is damaged"):
        verify(file, PHRASE)


def _crafted(folder: Path, entries: list[tarfile.TarInfo]) -> Path:
    """An archive that no ArchiveWriter would write."""
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as tar:
        for entry in entries:
            tar.addfile(entry)
    file = folder / "crafted"
    with file.open("wb") as out, SealingWriter(out, None) as stream:
        stream.write(gzip.compress(body.getvalue()))
    return file
