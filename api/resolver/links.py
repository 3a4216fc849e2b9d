"""The links of a key: what this ledger can say of a product, a lot or one item.

`links_of` is the one place where links come from. Now they follow from what the ledger holds; links that the owner of a
GTIN sets belong beside them, in that function.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import Connection, exists, or_, select

from api.addresses import scan_path
from api.pages.language import HTML_LANG, LANGUAGES, Language, say
from api.resolver.address import ItemKey
from ledger.store.schema import event_item, item, items_committed, product, recall
from ledger.trace.item_codes import normal_serial

VOCABULARY = "https://gs1.org/voc/"
DEFAULT = "defaultLink"
DEFAULT_MULTI = "defaultLinkMulti"

HTML = "text/html"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `type` is a name of the GS1 Web Vocabulary without its prefix, `href` an absolute URL, `title` words in
    `language`, or in all of ours where that is None."""

    type: str
    href: str
    title: str
    language: Language | None = None
    media_type: str | None = None

    @property
    def attributes(self) -> tuple[Language | None, str | None]:
        """What tells links of one type apart."""
        return self.language, self.media_type


@dataclass(frozen=True, slots=True)
class Level:
    """A key with its description and its links."""

    key: ItemKey
    description: str
    links: tuple[Link, ...]

    def of_type(self, name: str) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.type == name)


def levels_of(connection: Connection, key: ItemKey, base: str) -> tuple[Level, ...]:
    """The levels of a key, the finest first, at the address `base`; empty where the ledger does not know the GTIN.

    A lot or serial that is not on record has a level too: its default link leads to the page that says so.
    """
    name = connection.execute(select(product.c.name).where(product.c.gtin == key.gtin)).scalar()
    if name is None and not _has_lots(connection, key.gtin):
        return ()
    levels = []
    for one in key.levels():
        described = " ".join([name or f"(01) {one.gtin}", *(f"({ai}) {value}" for ai, value in one.pairs[1:])])
        levels.append(Level(one, described, links_of(one, base, recorded=_is_recorded(connection, one))))
    return tuple(levels)


def links_of(key: ItemKey, base: str, *, recorded: bool) -> tuple[Link, ...]:
    """All links of exactly this key, the default link first.

    What is not on record has only what judges it; the rest is found further up. A serial always has its own page for
    traceability and, unknown, the product's for information: no page of a forged one shows a real lot's journey.
    """
    page = base + key.page
    links = [Link(DEFAULT, page, _both("resolver.default"))]
    if recorded:
        links += _in_languages("pip", page, "resolver.pip")
    elif key.serial is not None:
        links += _in_languages("pip", base + scan_path(key.gtin), "resolver.pip")
    if recorded or key.serial is not None:
        links += _in_languages("traceability", page, "resolver.traceability")
    if key.lot is None and key.serial is None:
        return tuple(links)
    if recorded or key.serial is not None:
        links.append(Link("recallStatus", page, _both("resolver.recall_status"), media_type=HTML))
    if recorded and key.lot is not None and key.serial is None:
        trace = f"{base}/trace?" + urlencode({"gtin": key.gtin, "lot": key.lot})
        links.append(Link("epcis", trace, _both("resolver.epcis"), media_type=JSON))
    if key.lot is not None:
        verify = f"{base}/verify?" + urlencode({"uri": base + key.path})
        links.append(Link("verificationService", verify, _both("resolver.verification"), media_type=JSON))
    return tuple(links)


def _in_languages(name: str, page: str, words: str) -> Iterator[Link]:
    """A page that speaks the reader's language, and the same held to each of ours."""
    yield Link(name, page, _both(words), media_type=HTML)
    for language in LANGUAGES:
        yield Link(name, f"{page}?lang={language}", say(language, words), language, HTML)


def _both(words: str) -> str:
    return " · ".join(say(language, words) for language in LANGUAGES)


def language_tag(language: Language) -> str:
    """The tag of two letters that a linkset's schema asks for; pages say more (`zh-Hans`)."""
    return HTML_LANG[language].split("-")[0]


def _has_lots(connection: Connection, gtin: str) -> bool:
    tables = (event_item, items_committed, recall)
    return any(connection.execute(select(exists().where(table.c.gtin == gtin))).scalar() for table in tables)


def _is_recorded(connection: Connection, key: ItemKey) -> bool:
    """Whether anything is on record about exactly this lot or item; a product with its variants is known as such."""
    if key.serial is not None:
        told = event_item.c.gtin == key.gtin, event_item.c.serial == key.serial, event_item.c.lot_key.in_(_keys(key))
        coded = item.c.gtin == key.gtin, item.c.serial == normal_serial(key.serial)
        found = or_(exists().where(*told), exists().where(*coded))
    elif key.lot is not None:
        named = event_item.c.lot_key == f"{key.gtin}/{key.lot}"
        found = or_(
            exists().where(named),
            *(exists().where(t.c.gtin == key.gtin, t.c.lot == key.lot) for t in (items_committed, recall)),
        )
    else:
        return True
    return bool(connection.execute(select(found)).scalar())


def _keys(key: ItemKey) -> list[str]:
    """The lot keys under which an event may name this item (`ledger.trace.gs1.keys.epc_of`)."""
    from_item = ItemKey((("01", key.gtin), ("21", key.serial or "")))
    own = f"https://id.gs1.org{from_item.path}"
    return [own, f"{key.gtin}/{key.lot}"] if key.lot else [own]
