"""Item codes: serials with a MAC, the manifest in one form only, the key of this home."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.config import Home
from ledger.errors import BadInput
from ledger.trace.gs1 import parse_digital_link
from ledger.trace.item_codes import (
    ALPHABET,
    Manifest,
    check_serial,
    leaf,
    load_mac_key,
    make_serials,
    normal_serial,
    read_manifest,
    write_manifest,
)

GTIN, LOT, KEY = "10860009998039", "SALAD-20260420-A", b"k" * 32
LOTS = st.text("!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz", min_size=1, max_size=20)


def a_manifest(count: int = 3, lot: str = LOT) -> Manifest:
    return Manifest(GTIN, lot, make_serials(KEY, GTIN, lot, count))


@pytest.mark.parametrize("count", [0, -1, 1_000_001])
def test_no_codes_or_too_many_are_refused(count: int) -> None:
    with pytest.raises(BadInput):
        make_serials(KEY, GTIN, LOT, count)


@pytest.mark.parametrize(("gtin", "lot"), [("123", LOT), (GTIN, ""), (GTIN, "a b"), (GTIN, "x" * 21), (GTIN, "批次")])
def test_codes_of_an_impossible_lot_are_refused(gtin: str, lot: str) -> None:
    with pytest.raises(BadInput):
        make_serials(KEY, gtin, lot, 1)


@pytest.mark.parametrize("place", range(20))
def test_a_serial_with_one_character_changed_has_the_wrong_mac(place: int) -> None:
    (serial,) = make_serials(KEY, GTIN, LOT, 1)
    other = ALPHABET[(ALPHABET.index(serial[place]) + 1) % 32]
    assert not check_serial(KEY, GTIN, LOT, serial[:place] + other + serial[place + 1 :])


def test_a_mac_holds_for_one_key_one_product_and_one_lot() -> None:
    (serial,) = make_serials(KEY, GTIN, LOT, 1)
    assert check_serial(KEY, GTIN, LOT, serial)
    assert not check_serial(b"x" * 32, GTIN, LOT, serial)
    assert not check_serial(KEY, "00860009999923", LOT, serial)
    assert not check_serial(KEY, GTIN, "SALAD-20260420-B", serial)


@pytest.mark.parametrize("serial", ["", "1", "0" * 19, "0" * 21, "U" * 20, "é" * 20, "0" * 19 + "\n"])
def test_what_is_no_serial_has_no_right_mac(serial: str) -> None:
    assert not check_serial(KEY, GTIN, LOT, serial)


def test_a_serial_is_read_as_a_person_writes_it() -> None:
    for serial in make_serials(KEY, GTIN, LOT, 40):
        written = serial.replace("1", "l").replace("0", "O").lower()
        assert check_serial(KEY, GTIN, LOT, written)
        assert normal_serial(written) == serial


def test_serials_are_twenty_characters_of_crockfords_alphabet_and_all_differ() -> None:
    serials = make_serials(KEY, GTIN, LOT, 1001)
    assert len(set(serials)) == 1001
    assert all(len(serial) == 20 and set(serial) <= set(ALPHABET) for serial in serials)
    assert not set(ALPHABET) & set("ILOU")


@given(LOTS)
def test_a_leaf_is_a_digital_link_path_that_names_the_item(lot: str) -> None:
    (serial,) = make_serials(KEY, GTIN, lot, 1)
    epc = parse_digital_link("https://example.org" + leaf(GTIN, lot, serial).decode("ascii"))
    assert (epc.gtin, epc.lot, epc.serial) == (GTIN, lot, serial)


@given(LOTS, st.integers(1, 5))
def test_a_manifest_is_read_back_as_it_was_written(lot: str, count: int) -> None:
    manifest = a_manifest(count, lot)
    data = write_manifest(manifest)
    assert read_manifest(data) == manifest
    assert manifest.leaves() == [leaf(GTIN, lot, serial) for serial in manifest.serials]


def test_a_manifest_in_any_other_form_is_refused() -> None:
    data = write_manifest(a_manifest())
    head, first, *rest = data.split(b"\n")
    faulty = {
        "empty": b"",
        "no codes": head + b"\n",
        "no line feed at the end": data[:-1],
        "an empty line": data + b"\n",
        "the same serial twice": data + first + b"\n",
        "carriage returns": data.replace(b"\n", b"\r\n"),
        "lower case": data[: len(head)] + data[len(head) :].lower(),
        "a short serial": head + b"\n" + first[:-1] + b"\n",
        "not ASCII": data.replace(b"SALAD", "沙".encode()),
        "another head": data.replace(b"/10/", b"/22/"),
        "needless percent signs": data.replace(b"SALAD", b"%53ALAD"),
        "no list at all": b'{"gtin": "10860009998039"}',
    }
    for fault, text in faulty.items():
        with pytest.raises(BadInput):
            raise AssertionError(f"{fault} was read as {read_manifest(text)}")
    assert rest


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    key = load_mac_key(home)
    assert len(key) == 32
    assert load_mac_key(home) == key
    file = home.keys / "item-mac.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in home.keys.iterdir()] == ["item-mac.key"]


def test_a_cut_key_is_refused_and_not_replaced(tmp_path: Path) -> None:
    home = Home(tmp_path)
    load_mac_key(home)
    (home.keys / "item-mac.key").write_bytes(b"short")
    with pytest.raises(BadInput, match="5 bytes"):
        load_mac_key(home)
    assert (home.keys / "item-mac.key").read_bytes() == b"short"
