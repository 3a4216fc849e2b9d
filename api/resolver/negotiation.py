"""What an asker gets: a redirect or the linkset, and of several links which one. Pure.

The query wins over headers: `linkType`, `lang` and `mediaType` say what a header could only prefer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, unquote_plus

from api.resolver.links import DEFAULT, DEFAULT_MULTI, HTML, JSON, Level, Link
from api.resolver.linkset import LINKSET_JSON

# Prefixes under which the GS1 Web Vocabulary is known; the first is a CURIE's.
_PREFIXES = ("gs1:", "https://gs1.org/voc/", "https://ref.gs1.org/voc/", "https://www.gs1.org/voc/")

_OURS = ("linkType", "mediaType")  # speak to the resolver; everything else is passed on

Form = Literal["redirect", "application/linkset+json", "application/json", "text/html"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for. `link_type` is `linkset`, a name of GS1's vocabulary, another text, or None. `accepted`
    are media types of the answer, `media_types` those of a link's target."""

    link_type: str | None
    languages: tuple[str, ...]
    accepted: tuple[str, ...]
    media_types: tuple[str, ...]

    @property
    def form(self) -> Form:
        """The linkset, in which form, or a redirect."""
        for media in self.accepted:
            if media == LINKSET_JSON:
                return "application/linkset+json"
            if self.link_type in (None, "linkset") and media == JSON:
                return "application/json"
            if media in (HTML, "application/xhtml+xml"):
                return "text/html" if self.link_type == "linkset" else "redirect"
        return "application/linkset+json" if self.link_type == "linkset" else "redirect"


def read_wish(query: str, accept: str, accept_language: str) -> Wish:
    """The wish in a raw query and two headers (RFC 9110, 12.5.1 and 12.5.4), the best first; wildcards wish nothing."""
    said = dict(reversed(parse_qsl(query)))  # the first of several counts
    link_type = said.get("linkType")
    if link_type == "all":  # deprecated since 1.0, still answered
        link_type = "linkset"
    elif link_type is not None:
        prefix = next((one for one in _PREFIXES if link_type.startswith(one)), None)
        if prefix is not None:
            link_type = link_type.removeprefix(prefix)
        elif link_type != "linkset":
            link_type = f":{link_type}"  # no name of the vocabulary
    languages = tuple(said[name].lower() for name in ("lang",) if name in said)
    media_types = tuple(said[name].lower() for name in ("mediaType",) if name in said)
    accepted = _by_weight(accept)
    return Wish(link_type, languages + _by_weight(accept_language), accepted, media_types + accepted)


def choose(levels: Sequence[Level], wish: Wish) -> tuple[Level, tuple[Link, ...]] | None:
    """The finest level with links of the wished type, and those of them that fit best: one, or several that nothing
    tells apart. None where no level has such a link.
    """
    wanted = DEFAULT if wish.link_type is None else wish.link_type
    for level in levels:
        links = level.of_type(wanted)
        if not links:
            continue
        if wish.link_type is None:
            links = _multi(level, wish) or links
        return level, _best(links, wish)
    return None


def pass_on(href: str, query: str) -> str:
    """`href` with the request's pairs behind its own, as they were written; what it states itself stays."""
    target, mark, fragment = href.partition("#")
    taken = {name for name, _ in parse_qsl(target.partition("?")[2], keep_blank_values=True)} | set(_OURS)
    kept = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) not in taken]
    if kept:
        target += ("&" if "?" in target else "?") + "&".join(kept)
    return target + mark + fragment


def _multi(level: Level, wish: Wish) -> tuple[Link, ...]:
    """The other default links, where one of them speaks a wished language or is of a wished media type."""
    links = level.of_type(DEFAULT_MULTI)
    return _speaking(links, wish) or tuple(link for link in links if link.media_type in wish.media_types)


def _best(links: tuple[Link, ...], wish: Wish) -> tuple[Link, ...]:
    for media in wish.media_types:
        if fitting := tuple(link for link in links if link.media_type == media):
            links = fitting
            break
    links = _speaking(links, wish) or tuple(link for link in links if link.language is None) or links
    return tuple(link for link in links if link.attributes == links[0].attributes)


def _speaking(links: tuple[Link, ...], wish: Wish) -> tuple[Link, ...]:
    for language in wish.languages:
        if found := tuple(link for link in links if link.language == language.split("-")[0]):
            return found
    return ()


def _by_weight(header: str) -> tuple[str, ...]:
    """The values of an Accept header by their weight; those of weight 0 and wildcards left out."""
    found: list[tuple[int, str]] = []
    for part in header.split(","):
        value, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((_permille(one[2:]) for one in parameters if one.startswith("q=")), 1000)
        if value and "*" not in value and weight:
            found.append((weight, value))
    return tuple(value for _, value in sorted(found, key=lambda pair: -pair[0]))


def _permille(text: str) -> int:
    """A weight in thousandths; one that does not parse counts as nothing."""
    whole, _, fraction = text.partition(".")
    digits = (fraction + "000")[:3]
    return min(int(whole + digits), 1000) if (whole + digits).isdecimal() and len(whole) == 1 else 0
