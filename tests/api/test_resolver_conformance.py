"""What GS1 asks of a conformant resolver, line by line (the numbers are those of the shared list of criteria)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from api_scene import SALAD, Served
from resolver_scene import BROWSER, LINKSET, LOT, UNKNOWN_GTIN, VOCABULARY, links_in, the_linkset

from api.resolver.links import Level, Link, levels_of
from api.routes import digital_link


def test_1_2_methods_and_origins_are_declared_on_every_answer(lettuce: Served, scanned: str) -> None:
    for method, status in (("GET", 307), ("HEAD", 307), ("OPTIONS", 204)):
        answer = lettuce.ask(method, scanned)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("method", "scanned", "status"),
    [
        ("GET", f"/01/{SALAD}/foo", 400),
        ("GET", f"/01/{UNKNOWN_GTIN}", 404),
        ("GET", f"/01/{SALAD}?linkType=gs1:nosuch", 404),
        ("GET", f"/01/{SALAD}?linkType=linkset", 200),
        ("POST", f"/01/{SALAD}", 405),
        ("OPTIONS", "/.well-known/gs1resolver", 204),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", BROWSER])
def test_2_refusals_and_linksets_may_be_read_by_any_origin(
    lettuce: Served, method: str, scanned: str, status: int, accept: str
) -> None:
    answer = lettuce.ask(method, scanned, headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == "*"


def test_4_redirect_is_to_the_default_link_with_the_query_passed_on(lettuce: Served, scanned: str) -> None:
    default = the_linkset(lettuce, scanned)[0][VOCABULARY + "defaultLink"][0]["href"]
    answer = lettuce.get(scanned)
    assert (answer.status_code, answer.headers["location"]) == (307, default)
    assert lettuce.get(scanned + "?a=b&c=%26").headers["location"] == default + "?a=b&c=%26"


def test_5_redirect_links_to_the_linkset_and_nothing_else(lettuce: Served, scanned: str) -> None:
    link = lettuce.get(scanned + "?a=b").headers["link"]
    assert link == f'<{lettuce.url}{scanned}?linkType=linkset>; rel="linkset"; type="{LINKSET}"'
    assert lettuce.get(f"{scanned}?linkType=linkset").headers["content-type"] == LINKSET


def test_6_something_behind_the_address_is_refused(lettuce: Served, scanned: str) -> None:
    for accept in ("*/*", BROWSER, LINKSET):
        assert lettuce.get(scanned + "/foo", headers={"Accept": accept}).status_code == 400


def test_7_slash_at_the_end_changes_nothing(lettuce: Served, scanned: str) -> None:
    without, with_slash = lettuce.get(scanned + "?a=b"), lettuce.get(scanned + "/?a=b")
    assert (without.status_code, without.headers["location"]) == (
        with_slash.status_code,
        with_slash.headers["location"],
    )


@pytest.mark.parametrize("rest", ["/10/NEVER", "/21/NEVER", f"/10/{LOT}/21/NEVER", "/10/NEVER/21/NEVER", "/22/NEVER"])
def test_8_unknown_lot_or_serial_walks_up_the_tree(lettuce: Served, rest: str) -> None:
    assert lettuce.get(f"/01/{SALAD}{rest}").status_code == 307
    levels = the_linkset(lettuce, f"/01/{SALAD}{rest}")
    assert levels[-1]["anchor"] == f"{lettuce.url}/01/{SALAD}"
    assert lettuce.get(f"/01/{SALAD}{rest}?linkType=gs1:pip").headers["location"].startswith(f"{lettuce.url}/scan/01/")


def test_8_forged_serial_is_never_led_to_a_real_journey(lettuce: Served) -> None:
    scanned = f"/01/{SALAD}/10/{LOT}/21/0123456789ABCDEFGHJK"
    for query in ("", "?linkType=gs1:traceability", "?linkType=gs1:recallStatus"):
        location = lettuce.get(scanned + query).headers["location"]
        assert urlsplit(location).path == f"/scan{scanned}"
    product = lettuce.get(scanned + "?linkType=gs1:pip").headers["location"]
    assert product == f"{lettuce.url}/scan/01/{SALAD}"
    assert lettuce.page(f"/scan{scanned}").status_code == 404


@pytest.mark.parametrize("rest", ["", "/10/A", "/21/B"])
def test_unknown_product_is_not_found(lettuce: Served, rest: str) -> None:
    for query, accept in (("", "*/*"), ("", LINKSET), ("?linkType=linkset", "*/*"), ("?linkType=gs1:pip", "*/*")):
        answer = lettuce.get(f"/01/{UNKNOWN_GTIN}{rest}{query}", headers={"Accept": accept})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    page = lettuce.page(f"/01/{UNKNOWN_GTIN}{rest}", "zh")
    assert page.status_code == 404
    assert "账本里没有这个商品条码" in page.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_9_resolver_describes_itself(lettuce: Served, method: str) -> None:
    answer = lettuce.ask(method, "/.well-known/gs1resolver")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    if method == "GET":
        told = answer.json()
        assert told["resolverRoot"] == lettuce.url
        assert told["supportedPrimaryKeys"] == ["01"]
        assert told["name"]
        assert told["contact"]["fn"]


def test_18_20_each_link_is_reached_by_its_type_language_and_media_type(lettuce: Served, scanned: str) -> None:
    seen: set[str] = set()
    for told in the_linkset(lettuce, scanned):
        for name, links in links_in(told).items():
            if name in seen:
                continue
            seen.add(name)
            for link in links:
                query = f"{scanned}?linkType=gs1:{name.removeprefix(VOCABULARY)}"
                language = link.get("hreflang", [""])[0]
                answer = lettuce.get(query, headers={"Accept-Language": language})
                assert (answer.status_code, answer.headers["location"]) == (307, link["href"])
                if language:
                    assert lettuce.get(f"{query}&lang={language}").headers["location"] == link["href"]
    assert seen >= {VOCABULARY + "pip", VOCABULARY + "traceability"}


def test_20_unknown_language_gets_the_default(lettuce: Served) -> None:
    answer = lettuce.get(f"/01/{SALAD}?linkType=gs1:pip", headers={"Accept-Language": "sw"})
    assert answer.headers["location"] == f"{lettuce.url}/scan/01/{SALAD}"
    assert "Accept-Language" in answer.headers["vary"]


def test_19_type_that_is_not_there_is_not_found(lettuce: Served, scanned: str) -> None:
    assert lettuce.get(scanned + "?linkType=gs1:nosuchlt").status_code == 404
    assert lettuce.page(scanned + "?linkType=gs1:nosuchlt").status_code == 404


@pytest.mark.parametrize("scanned", [f"/gtin/{SALAD}", f"/gtin/{SALAD}/lot/{LOT}", f"/01/{SALAD}/lot/{LOT}"])
def test_22_convenience_names_lead_to_the_right_form(lettuce: Served, scanned: str) -> None:
    answer = lettuce.get(scanned + "?a=b")
    right = scanned.replace("/gtin/", "/01/").replace("/lot/", "/10/")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{lettuce.url}{right}?a=b")


def test_22_short_numbers_lead_to_the_right_form_and_wrong_ones_are_refused(lettuce: Served) -> None:
    assert lettuce.get("/01/860009999923").headers["location"] == f"{lettuce.url}/01/00860009999923"
    assert lettuce.get("/01/860009999924").status_code == 400
    assert lettuce.get("/gtin/860009999924").status_code == 400
    assert lettuce.get("/gtin/123").status_code == 400
    assert lettuce.get("/01").status_code == 400


def test_host_that_was_asked_decides_nothing_where_an_address_is_configured(lettuce: Served) -> None:
    scene, ledger = lettuce.scene, lettuce.scene.ledger
    settings = replace(ledger.settings, api_url="https://id.example.org/")
    try:
        lettuce.show(replace(scene, ledger=replace(ledger, settings=settings)))
        answer = lettuce.get(f"/01/{SALAD}", headers={"Host": "evil.example"})
        assert answer.headers["location"] == f"https://id.example.org/scan/01/{SALAD}"
    finally:
        lettuce.show(scene)
    for host, base in (("phone.local:8000", "http://phone.local:8000"), ("[::1]:9", "http://[::1]:9"), ("a:b", "")):
        location = lettuce.get(f"/01/{SALAD}", headers={"Host": host}).headers["location"]
        assert location == f"{base or ledger.settings.api_url}/scan/01/{SALAD}"


def test_18_links_that_nothing_tells_apart_are_multiple_choices(
    lettuce: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_twins(*about: Any) -> tuple[Level, ...]:
        level, *above = levels_of(*about)
        twins = (Link("certificationInfo", f"https://certifier.example/{n}", f"Certificate {n}") for n in (1, 2))
        return replace(level, links=(*level.links, *twins)), *above

    monkeypatch.setattr(digital_link, "levels_of", with_twins)
    scanned = f"/01/{SALAD}?linkType=gs1:certificationInfo"
    answer = lettuce.get(scanned)
    assert (answer.status_code, answer.headers["content-type"]) == (300, LINKSET)
    (told,) = answer.json()["linkset"]
    assert [link["href"][-1] for link in links_in(told)[VOCABULARY + "certificationInfo"]] == ["1", "2"]
    page = lettuce.page(scanned, "zh")
    assert page.status_code == 300
    assert 'href="https://certifier.example/2"' in page.text
