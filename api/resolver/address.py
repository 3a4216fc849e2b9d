"""What an address at the resolver names: a GTIN and its qualifiers, held to every rule of the URI syntax."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from api.addresses import scan_path
from api.resolver.compression import decompress
from ledger.errors import BadInput
from ledger.trace.gs1 import Element, digital_link_uri, read_gs1
from ledger.trace.gs1.characters import to_path
from ledger.trace.gs1.keys import ALIASES, QUALIFIER_ALIASES

KEY = "01"  # the one primary key that this resolver answers for

_ANY_HOST = "https://id.gs1.org"
_SHORT_GTIN = re.compile("[0-9]{8}|[0-9]{12,13}")


@dataclass(frozen=True, slots=True)
class ItemKey:
    """A GTIN with none or more qualifiers, as they stand in the path: (AI, value) pairs without percent-encoding."""

    pairs: tuple[tuple[str, str], ...]

    @property
    def gtin(self) -> str:
        return self.pairs[0][1]

    @property
    def lot(self) -> str | None:
        return dict(self.pairs).get("10")

    @property
    def serial(self) -> str | None:
        return dict(self.pairs).get("21")

    @property
    def finest(self) -> str:
        """The AI of the last qualifier, or of the key itself."""
        return self.pairs[-1][0]

    @property
    def path(self) -> str:
        return "".join(f"/{ai}/{to_path(value)}" for ai, value in self.pairs)

    @property
    def page(self) -> str:
        """The path of our page about it."""
        return scan_path(self.gtin, self.lot, self.serial)

    def levels(self) -> Iterator[ItemKey]:
        """This key and those above it, up to the GTIN alone."""
        for count in range(len(self.pairs), 0, -1):
            yield ItemKey(self.pairs[:count])


@dataclass(frozen=True, slots=True)
class Address:
    """A request's key; `query` is the raw query string, with what a compressed path held put before it. `compressed`:
    the path was not written out, and `uncompressed` (path and query) says what it stands for.
    """

    key: ItemKey
    query: str
    compressed: bool = False
    uncompressed: str = ""


def read_address(path: str, query: str) -> Address:
    """The address in a raw path and query (percent-encoded, as sent). BadInput with the reason where it is none."""
    segments = _segments(path)
    held = _compressed_part(segments)
    if held is None:
        return Address(_checked(path, query), query)
    start, text = held
    elements, others = decompress(text)
    before = [Element(ai, value) for ai, value in zip(start[::2], start[1::2], strict=True)]
    uri = digital_link_uri([*before, *elements], "")
    plain, _, inside = uri.partition("?")
    inside = "&".join(part for part in (inside, others) if part)
    whole = "&".join(part for part in (inside, query) if part)
    return Address(_checked(plain, whole), whole, True, plain + (f"?{inside}" if inside else ""))


def right_form(path: str) -> str | None:
    """The path with AIs as numbers and 14 digits of GTIN; None where it has that form already, or is wrong otherwise."""
    segments = _segments(path)
    if len(segments) < 2 or len(segments) % 2:
        return None
    names = [ALIASES.get(segments[0], segments[0])]
    names += [QUALIFIER_ALIASES.get(name, name) for name in segments[2::2]]
    values = segments[1::2]
    if names[0] == KEY and _SHORT_GTIN.fullmatch(values[0]):
        values[0] = values[0].zfill(14)
    right = "".join(f"/{name}/{value}" for name, value in zip(names, values, strict=True))
    if right == "/" + "/".join(segments):
        return None
    try:
        _checked(right, "")
    except BadInput:
        return None
    return right


def _segments(path: str) -> list[str]:
    """The parts of a path. A slash at the end says nothing."""
    return path.removesuffix("/").removeprefix("/").split("/")


def _compressed_part(segments: list[str]) -> tuple[list[str], str] | None:
    """What stands written out and what is compressed: `/{compressed}` or `/01/{gtin}/{compressed}`."""
    if len(segments) == 1 and segments[0]:
        return [], segments[0]
    if len(segments) == 3 and segments[0] == KEY:
        return segments[:2], segments[2]
    return None


def _checked(path: str, query: str) -> ItemKey:
    """The key, where all that GS1 says of path and data attributes holds. Other pairs of the query are nobody's
    business here."""
    attributes = [pair for pair in query.split("&") if pair.partition("=")[0].isdecimal()]
    uri = _ANY_HOST + path.removesuffix("/") + ("?" + "&".join(attributes) if attributes else "")
    segments = _segments(path)
    elements = read_gs1(uri).elements[: len(segments) // 2]
    if segments[0] != KEY or [element.ai for element in elements] != segments[::2]:
        raise BadInput(
            "This address names no product.",
            where=path,
            hint="A scanned code has the form /01/{gtin}/10/{lot}/21/{serial}.",
        )
    return ItemKey(tuple((element.ai, element.value) for element in elements))
