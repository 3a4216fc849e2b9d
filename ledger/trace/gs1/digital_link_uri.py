"""GS1 Digital Link URIs, uncompressed, as elements and back (GS1 Digital Link Standard: URI Syntax 1.4 and 1.6).

All is held to here: key and qualifiers in their order in the path, data attributes in the query. `digital_link` reads the
same URIs more forgivingly, as EPCs, where EPCIS documents hold them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from urllib.parse import quote

from ledger.errors import BadInput
from ledger.trace.gs1.dictionary import find
from ledger.trace.gs1.elements import Element, ais_of, check_value

CANONICAL_STEM = "https://id.gs1.org"

_URI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")  # RFC 3986
_SCHEME = re.compile("https?://|HTTPS?://")
_NOT_IN_DOMAIN = set("_~?#@!$&'()*+,;=%")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")


def parse_digital_link_uri(uri: str) -> tuple[Element, ...]:
    """The elements in the order of the URI: key, qualifiers, attributes. BadInput with the reason otherwise.

    Key and qualifiers are the last segments of the path; what stands before them, the fragment, and parameters of the
    query that are not numbers say nothing.
    """
    path, query = _path_and_query(uri)
    in_path = tuple(_path_elements(path))
    in_query = tuple(_query_elements(query))
    for element in (*in_path, *in_query):
        check_value(element.entry, element.value)
    _check_attributes(tuple(element.ai for element in in_path), in_query)
    return in_path + in_query


def digital_link_uri(elements: Sequence[Element], stem: str = CANONICAL_STEM) -> str:
    """The URI of elements: the first that can be a key, with all qualifiers that fit; the rest as attributes, those of
    predefined length first. BadInput where nothing can be the key or something can stand nowhere.
    """
    values = ais_of(elements)
    key = next((ai for ai in values if orders_of_key(ai)), None)
    if key is None:
        raise BadInput(
            "None of these AIs is the key of a Digital Link.",
            hint="Add one that is, for example (01) GTIN, (00) SSCC or (414) GLN.",
        )
    path = max((order for order in orders_of_key(key) if set(order) <= set(values)), key=lambda o: _fit(o, values))
    for ai in values:
        entry = find(ai)
        if ai not in path and not (entry and entry.attribute):
            raise _no_place(ai, key)
    segments = "".join(f"/{ai}/{quote(values[ai], safe='')}" for ai in path)
    attributes = sorted((e for e in map(find, values) if e and e.ai not in path), key=lambda e: not e.predefined)
    query = "&".join(f"{entry.ai}={quote(values[entry.ai], safe='')}" for entry in attributes)
    return stem.rstrip("/") + segments + (f"?{query}" if query else "")


@lru_cache(maxsize=256)
def orders_of_key(ai: str) -> tuple[tuple[str, ...], ...]:
    """All paths that may start with this key: the key, then any of its qualifiers in their order. Empty: it is none."""
    entry = find(ai)
    if entry is None or entry.key_orders is None:
        return ()
    return tuple(
        (ai, *chosen)
        for order in entry.key_orders
        for count in range(len(order) + 1)
        for chosen in combinations(order, count)
    )


def _fit(order: tuple[str, ...], values: Mapping[str, str]) -> tuple[int, int]:
    """Longer is better; of equals the one that leaves least that may not be an attribute."""
    left = [find(ai) for ai in values if ai not in order]
    return len(order), -sum(1 for entry in left if entry is None or not entry.attribute)


def _path_and_query(uri: str) -> tuple[str, str]:
    if _URI.fullmatch(uri) is None:
        raise _malformed("it holds a character that no URI may hold")
    scheme = _SCHEME.match(uri)
    if scheme is None:
        raise _malformed("it must start with https:// or http://, all small or all capital letters")
    domain, slash, path = uri[scheme.end() :].partition("/")
    if not domain or not slash:
        raise _malformed("it must have a domain and a path")
    if _NOT_IN_DOMAIN & set(domain):
        raise _malformed(f"{domain!r} is no domain")
    path, _, query = path.partition("#")[0].partition("?")
    return path, query


def _path_elements(path: str) -> Iterator[Element]:
    """The pairs of AI and value that end the path, from its last key on."""
    segments = path.split("/")
    start = len(segments) - 2
    while start >= 0 and not orders_of_key(segments[start]):
        if find(segments[start]) is None:
            start = -1
        start -= 2
    if start < 0:
        raise _malformed("its path does not end with a GS1 key and its qualifiers, as /01/09520123456788/10/ABC does")
    pairs = list(zip(segments[start::2], segments[start + 1 :: 2], strict=True))
    if tuple(ai for ai, _ in pairs) not in orders_of_key(segments[start]):
        followers = ", ".join(f"({ai})" for ai, _ in pairs[1:])
        raise _malformed(f"its key ({segments[start]}) does not take the qualifiers {followers} in that order")
    for ai, value in pairs:
        yield Element(ai, _unescape(ai, value))


def _query_elements(query: str) -> Iterator[Element]:
    for parameter in query.split("&"):
        name, sign, value = parameter.partition("=")
        if not sign or re.fullmatch("[0-9]+", name) is None:
            continue
        if find(name) is None:
            raise _malformed(f"its query names ({name}), and there is no such AI")
        yield Element(name, _unescape(name, value.replace("+", " ")))


def _check_attributes(path: tuple[str, ...], attributes: Sequence[Element]) -> None:
    orders = orders_of_key(path[0])
    seen = set(path)
    for element in attributes:
        ai, entry = element.ai, element.entry
        if ai in seen:
            raise _malformed(f"it names ({ai}) twice")
        seen.add(ai)
        if not entry.attribute:
            raise _no_place(ai, path[0])
        if any((*path[:place], ai, *path[place:]) in orders for place in range(1, len(path) + 1)):
            raise _malformed(f"({ai}) belongs into the path")


def _unescape(ai: str, text: str) -> str:
    value = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if "\0" in value:
        raise _malformed(f"the value of ({ai}) holds a null character")
    return value


def _no_place(ai: str, key: str) -> BadInput:
    return BadInput(
        f"({ai}) cannot stand in the query of a Digital Link whose key is ({key}).", hint="Leave it out.", ai=ai
    )


def _malformed(why: str) -> BadInput:
    return BadInput(
        f"The Digital Link URI is malformed: {why}.", hint="See GS1 Digital Link Standard: URI Syntax, section 4."
    )
