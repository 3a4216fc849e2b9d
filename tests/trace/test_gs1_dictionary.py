"""Our table of Application Identifiers says what GS1's syntax dictionary says, entry by entry."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.trace.gs1.dictionary import ApplicationIdentifier, Component, at_start_of, find, table
from ledger.trace.gs1.digital_link_uri import orders_of_key
from ledger.trace.gs1.rules import CHARACTER_SETS, RULES

ROOT = Path(__file__).resolve().parents[2]


def test_every_entry_of_gs1s_dictionary_stands_in_ours_and_no_other(corpora: Path) -> None:
    expected = {}
    for line in (corpora / "gs1" / "gs1-syntax-dictionary.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        facts, _, title = line.partition("#")
        ais, *words = facts.split()
        first, _, last = ais.partition("-")
        for number in range(int(first), int(last or first) + 1):
            expected[str(number).zfill(len(first))] = (_sorted_attributes(words), title.strip())
    assert {ai: (_as_gs1_writes(entry), entry.title) for ai, entry in table().items()} == expected
    assert len(expected) > 500


def test_the_table_is_what_the_script_makes_of_the_file(corpora: Path) -> None:
    script = [sys.executable, str(ROOT / "scripts" / "gs1-dictionary")]
    file = str(corpora / "gs1" / "gs1-syntax-dictionary.txt")
    assert subprocess.run([*script, file, "--check"], check=False).returncode == 0


def test_the_script_names_the_line_that_it_cannot_read(tmp_path: Path) -> None:
    broken = tmp_path / "dictionary.txt"
    broken.write_text("01 *? N14,csum # GTIN\nnonsense\n")
    told = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "gs1-dictionary"), str(broken), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "line 2" in told.stderr


def test_every_check_and_character_set_that_the_table_names_is_carried_out() -> None:
    components = [component for entry in table().values() for component in entry.components]
    assert {check for component in components for check in component.checks} == set(RULES)
    assert {component.character_set for component in components} == set(CHARACTER_SETS)


def test_no_ai_is_the_start_of_another() -> None:
    assert [(a, b) for a in table() for b in table() if a != b and b.startswith(a)] == []


def test_an_ai_of_predefined_length_has_one_length() -> None:
    assert [entry.ai for entry in table().values() if entry.predefined and entry.shortest != entry.longest] == []


@pytest.mark.parametrize("text", ["", "0", "8", "89", "0x", "٠١", "234567", "(01)"])
def test_what_starts_with_no_ai_is_told(text: str) -> None:
    assert at_start_of(text) is None
    assert find(text) is None


def test_an_ai_is_found_at_the_start_of_text() -> None:
    assert [getattr(at_start_of(text), "ai", None) for text in ("0109", "235X", "3103000195", "8030a")] == [
        "01",
        "235",
        "3103",
        "8030",
    ]


def test_a_key_takes_its_qualifiers_in_their_order_each_or_none() -> None:
    assert ("01", "10", "21") in orders_of_key("01")
    assert ("01", "235") in orders_of_key("01")
    assert ("01", "21", "10") not in orders_of_key("01")
    assert ("01", "10", "235") not in orders_of_key("01")
    assert orders_of_key("00") == (("00",),)
    assert orders_of_key("10") == ()


def _as_gs1_writes(entry: ApplicationIdentifier) -> list[str]:
    flags = "*" * entry.predefined + "?" * entry.attribute
    words = [flags] if flags else []
    words += [_component(component) for component in entry.components]
    attributes = ["req=" + ",".join("+".join(group) for group in groups) for groups in entry.requires]
    if entry.excludes:
        attributes.append("ex=" + ",".join(entry.excludes))
    if entry.key_orders is not None:
        orders = "|".join(",".join(order) for order in entry.key_orders)
        attributes.append(f"dlpkey={orders}" if orders else "dlpkey")
    return _sorted_attributes(words + attributes)


def _component(component: Component) -> str:
    up_to = ".." if component.shortest != component.longest else ""
    # `N..1` never occurs: a component that is one long is written without dots.
    size = f"{component.character_set}{up_to}{component.longest}"
    return ",".join([f"[{size}]" if component.optional else size, *component.checks])


def _sorted_attributes(words: list[str]) -> list[str]:
    """Attributes may stand in any order."""
    return [w for w in words if "=" not in w and w != "dlpkey"] + sorted(
        w for w in words if re.match("req=|ex=|dlpkey", w)
    )
