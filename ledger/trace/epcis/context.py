"""JSON-LD contexts without a network: what we ship is the knowledge of the GS1 EPCIS context, and nothing is ever
fetched.

Of the GS1 context, only its prefixes and terms matter here; the terms are those that the checks know. Any other
context URL is noted as unknown: terms that only it could define cannot be understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.errors import BadInput

# https or http, ref.gs1.org or its drafts, with or without a version: all are the one context of EPCIS 2.0.
_GS1_CONTEXT = re.compile(
    r"https?://(?:ref\.gs1\.org/(?:standards/)?(?:epcis/)+(?:\d+(?:\.\d+)*/)?|gs1\.github\.io/EPCIS/|id\.gs1\.org/|ns\.gs1\.org/epcis/)"
    r"epcis-context(?:\.jsonld)?",
    re.IGNORECASE,
)
KNOWN_PREFIXES: Mapping[str, str] = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of names at one place in a document.

    `prefixes` maps a prefix to its namespace, `terms` a bare word to the URI that an inline context gives it,
    `unknown` lists the contexts that we do not ship. `gs1` tells whether the EPCIS context was named.
    """

    prefixes: Mapping[str, str]
    terms: Mapping[str, str]
    unknown: tuple[str, ...]
    gs1: bool


NOTHING = Context(KNOWN_PREFIXES, {}, (), False)


def is_gs1_context(url: str) -> bool:
    """Whether it is the URL of the EPCIS context, with or without a version."""
    return _GS1_CONTEXT.fullmatch(url.strip()) is not None


def extend_context(outer: Context, value: Any, *, where: str | None = None) -> Context:
    """The context that holds where `value` stands as `@context`; BadInput where it is no context."""
    prefixes, terms = dict(outer.prefixes), dict(outer.terms)
    unknown, gs1 = list(outer.unknown), outer.gs1
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, str):
            if is_gs1_context(entry):
                gs1 = True
            elif entry not in unknown:
                unknown.append(entry)
        elif isinstance(entry, dict):
            _read_inline(entry, prefixes, terms, where)
        else:
            raise BadInput(
                f"A context is a URL or an object with prefixes, not {entry!r}.",
                where=where,
                hint='Write {"example": "https://ns.example.com/epcis/"}.',
            )
    return Context(prefixes, terms, tuple(unknown), gs1)


def _read_inline(entry: dict[str, Any], prefixes: dict[str, str], terms: dict[str, str], where: str | None) -> None:
    for name, definition in entry.items():
        if name.startswith("@"):
            continue
        uri = definition.get("@id") if isinstance(definition, dict) else definition
        if not isinstance(uri, str) or not uri:
            raise BadInput(
                f"The context gives {name!r} no URI.",
                where=where,
                hint=f'Write {{"{name}": "https://ns.example.com/epcis/"}}.',
            )
        prefix, colon, rest = uri.partition(":")
        if colon and not rest.startswith("//") and prefix in prefixes:
            uri = prefixes[prefix] + rest
        # JSON-LD lets any term be used as a prefix that ends in one of these signs; EPCIS users leave the sign out
        # as well.
        prefixes[name] = uri
        terms[name] = uri
