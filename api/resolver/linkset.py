"""Links as a linkset (RFC 9264, as GS1's schema for linksets narrows it) and its JSON-LD context."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.resolver.links import DEFAULT, VOCABULARY, Level, Link, language_tag

LINKSET_JSON = "application/linkset+json"

# Makes RDF of a linkset: an anchor is a subject, a link type a predicate, a target an object.
CONTEXT: dict[str, Any] = {
    "@context": {
        "@vocab": "http://www.iana.org/assignments/relation/",
        "gs1": VOCABULARY,
        "linkset": "@graph",
        "anchor": "@id",
        "href": "@id",
        "itemDescription": "http://www.w3.org/2000/01/rdf-schema#comment",
        "title": "http://purl.org/dc/terms/title",
        "hreflang": {"@id": "http://purl.org/dc/terms/language", "@container": "@set"},
        "type": "http://purl.org/dc/terms/format",
    }
}


def linkset(levels: Iterable[Level], base: str) -> dict[str, Any]:
    """`{"linkset": [...]}`, one context object a level. Anchors are URIs at `base`, never compressed."""
    return {"linkset": [_context_object(level, base) for level in levels]}


def choices(level: Level, links: Iterable[Link], base: str) -> dict[str, Any]:
    """A linkset of only these links: what answers 300 Multiple Choices."""
    return linkset([Level(level.key, level.description, tuple(links))], base)


def _context_object(level: Level, base: str) -> dict[str, Any]:
    told: dict[str, Any] = {"anchor": base + level.key.path, "itemDescription": level.description}
    for link in level.links:
        told.setdefault(VOCABULARY + link.type, []).append(_target(link))
    return told


def _target(link: Link) -> dict[str, Any]:
    """A default link has a title and no other attribute."""
    told: dict[str, Any] = {"href": link.href, "title": link.title}
    if link.media_type is not None and link.type != DEFAULT:
        told["type"] = link.media_type
    if link.language is not None and link.type != DEFAULT:
        told["hreflang"] = [language_tag(link.language)]
    return told
