"""GS1 Digital Link URIs (URI syntax 1.2, uncompressed) as EPCs:
`https://any.host/any/path/01/{gtin}/10/{lot}/21/{serial}?…`.

Read as EPCIS documents hold them: with older words for AIs, shorter GTINs and qualifiers in any order. `digital_link_uri`
holds a scanned URI to all rules.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ledger.errors import BadInput
from ledger.trace.gs1.characters import from_escaped
from ledger.trace.gs1.elements import check_value, require_known
from ledger.trace.gs1.epc import Epc
from ledger.trace.gs1.keys import ALIASES, KEYS, QUALIFIER_ALIASES, Key, epc_of


def parse_digital_link(uri: str, *, where: str | None = None) -> Epc:
    """The key and qualifiers that a Digital Link URI or its path names, each checked; BadInput with the reason
    otherwise.

    Domain, leading path, query and fragment say nothing about identity and are left aside.
    """
    epc = read_digital_link(uri, where=where, strict=True)
    if epc is None:
        raise BadInput(
            f"{uri!r} is no GS1 Digital Link.",
            where=where,
            hint="A Digital Link holds a GS1 key in its path, as /01/09521141012345/10/ABC/21/1234 does.",
            uri=uri,
        )
    return epc


def read_digital_link(uri: str, *, where: str | None = None, strict: bool) -> Epc | None:
    """The EPC in the path, or None where there is none. With `strict`, check digits, lengths and characters are held
    to.
    """
    try:
        path = urlsplit(uri).path
    except ValueError:  # a broken IPv6 host
        return None
    segments = path.split("/")
    while segments and not segments[-1]:
        segments.pop()
    for place in range(len(segments) - 1):
        ai = ALIASES.get(segments[place], segments[place])
        key = KEYS.get(ai)
        if key is None:
            continue
        value = from_escaped(segments[place + 1])
        if value is None or key.pattern.fullmatch(value) is None:
            continue
        rest = segments[place + 2 :]
        qualifiers = _qualifiers(key, rest)
        if qualifiers is None:
            continue
        if strict:
            _require(key, value, qualifiers, where)
        elif any(key.qualifiers[ai].fullmatch(text) is None for ai, text in qualifiers.items()):
            continue
        if ai == "01":
            value = value.zfill(14)
        return epc_of(ai, value, qualifiers)
    return None


def _qualifiers(key: Key, rest: list[str]) -> dict[str, str] | None:
    """Pairs of qualifier and value; None where the rest of the path is something else."""
    if not rest:
        return {}
    if len(rest) % 2:
        return None
    found: dict[str, str] = {}
    for name, escaped in zip(rest[::2], rest[1::2], strict=True):
        ai = QUALIFIER_ALIASES.get(name, name)
        value = from_escaped(escaped)
        if ai not in key.qualifiers or ai in found or value is None:
            return None
        found[ai] = value
    return found


def _require(key: Key, value: str, qualifiers: dict[str, str], where: str | None) -> None:
    try:
        check_value(key.entry, value.zfill(14) if key.entry.ai == "01" else value)
        for ai, text in qualifiers.items():
            check_value(require_known(ai), text)
    except BadInput as problem:
        problem.where = where
        raise
