"""Of several links the one that fits, and whether an asker gets a redirect or the linkset."""

from __future__ import annotations

import pytest

from api.pages.language import Language
from api.resolver.address import ItemKey
from api.resolver.links import Level, Link
from api.resolver.negotiation import choose, pass_on, read_wish

GTIN = ItemKey((("01", "05412345000013"),))
LOT = ItemKey((*GTIN.pairs, ("10", "A")))
DEFAULT = Link("defaultLink", "https://a.test/", "Home")


def chosen(links: list[Link], query: str, accept: str = "", languages: str = "") -> list[str]:
    found = choose([Level(GTIN, "Rice", (DEFAULT, *links))], read_wish(query, accept, languages))
    return [link.href for link in found[1]] if found else []


def a_page(
    href: str, language: Language | None = None, media_type: str | None = "text/html", name: str = "pip"
) -> Link:
    return Link(name, href, "Page", language, media_type)


PAGES = [a_page("any"), a_page("zh", "zh"), a_page("en", "en")]


@pytest.mark.parametrize("name", ["gs1:nosuch", "pip", "schema:pip", "https://example.com/voc/pip", "gs1:"])
def test_type_that_is_not_there_gives_nothing(name: str) -> None:
    assert chosen(PAGES, f"linkType={name}") == []


@pytest.mark.parametrize("namespace", ["gs1:", "https://gs1.org/voc/", "https://ref.gs1.org/voc/"])
def test_type_may_be_a_curie_or_a_uri(namespace: str) -> None:
    assert chosen(PAGES, f"linkType={namespace}pip") == ["any"]


@pytest.mark.parametrize(
    ("header", "href"),
    [
        ("zh-CN,zh;q=0.9", "zh"),
        ("fr;q=0.9, en;q=0.1", "en"),
        ("fr", "any"),
        ("", "any"),
        ("zh;q=0", "any"),
        ("*", "any"),
    ],
)
def test_language_decides_and_an_unknown_one_gives_the_default(header: str, href: str) -> None:
    assert chosen(PAGES, "linkType=gs1:pip", languages=header) == [href]


def test_query_decides_before_the_headers() -> None:
    assert chosen(PAGES, "linkType=gs1:pip&lang=zh", languages="en") == ["zh"]
    files = [a_page("page"), a_page("pdf", media_type="application/pdf")]
    assert chosen(files, "linkType=gs1:pip&mediaType=application/pdf", "text/html") == ["pdf"]
    assert chosen(files, "linkType=gs1:pip", "application/pdf") == ["pdf"]


def test_links_that_nothing_tells_apart_are_all_offered() -> None:
    twins = [a_page("one", "en"), a_page("zh", "zh"), a_page("two", "en")]
    assert chosen(twins, "linkType=gs1:pip", languages="en") == ["one", "two"]
    assert chosen(twins, "linkType=gs1:pip", languages="zh") == ["zh"]


def test_several_default_links_are_told_apart_by_language() -> None:
    multi = [a_page("zh", "zh", name="defaultLinkMulti"), a_page("en", "en", name="defaultLinkMulti")]
    assert chosen(multi, "", languages="zh") == ["zh"]
    assert chosen(multi, "lang=en", languages="zh") == ["en"]
    assert chosen(multi, "", languages="fr") == [DEFAULT.href]


def test_link_is_looked_for_up_the_tree() -> None:
    lot = Level(LOT, "Rice (10) A", (Link("defaultLink", "lot", "Lot"),))
    product = Level(GTIN, "Rice", (DEFAULT, *PAGES))
    found = choose([lot, product], read_wish("linkType=gs1:pip", "", ""))
    assert found == (product, (PAGES[0],))
    assert choose([lot, product], read_wish("", "", "")) == (lot, lot.links)


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("query", "accept", "form"),
    [
        ("", "", "redirect"),
        ("", "*/*", "redirect"),
        ("", BROWSER, "redirect"),
        ("", "application/linkset+json", "application/linkset+json"),
        ("", "application/json", "application/json"),
        ("", "text/html, application/json;q=0.5", "redirect"),
        ("mediaType=application/json", "", "redirect"),
        ("linkType=gs1:epcis", "application/json", "redirect"),
        ("linkType=linkset", "", "application/linkset+json"),
        ("linkType=all", "*/*", "application/linkset+json"),
        ("linkType=linkset", BROWSER, "text/html"),
        ("linkType=linkset", "application/json", "application/json"),
    ],
)
def test_form_of_the_answer_follows_what_is_accepted(query: str, accept: str, form: str) -> None:
    assert read_wish(query, accept, "").form == form


@pytest.mark.parametrize(
    ("href", "query", "target"),
    [
        ("https://a.test/x", "", "https://a.test/x"),
        ("https://a.test/x", "linkType=gs1:pip&mediaType=text/html", "https://a.test/x"),
        ("https://a.test/x", "b=%20&a=b&flag", "https://a.test/x?b=%20&a=b&flag"),
        ("https://a.test/x?lang=zh#top", "lang=en&a=b", "https://a.test/x?lang=zh&a=b#top"),
    ],
)
def test_pairs_of_the_query_are_passed_on(href: str, query: str, target: str) -> None:
    assert pass_on(href, query) == target
