"""The linkset: its forms, its schema, its default links (lines 10 to 17 of what GS1 asks of a conformant resolver)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from api_scene import SALAD, Served
from resolver_scene import BROWSER, LINKSET, LOT, VOCABULARY, links_in, the_linkset


def faults(schema: dict[str, Any], value: Any, at: str = "$") -> list[str]:
    """What breaks the schema, for the keywords of JSON Schema (draft 7) that GS1's schema uses; others fail loudly."""
    known = {"$schema", "@id", "title", "name", "description", "type", "properties", "patternProperties", "items"}
    assert set(schema) <= known | {"required", "additionalProperties", "pattern"}, set(schema) - known
    kind = {"object": dict, "array": list, "string": str, "boolean": bool}.get(schema.get("type", ""), object)
    if not isinstance(value, kind):
        return [f"{at} is no {schema['type']}"]
    found = []
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{at}: {value!r} is not as {schema['pattern']}")
    for place, one in enumerate(value if isinstance(value, list) else []):
        found += faults(schema.get("items", {}), one, f"{at}/{place}")
    if isinstance(value, dict):
        found += [f"{at} misses {name}" for name in schema.get("required", []) if name not in value]
        for name, one in value.items():
            fitting = [schema.get("properties", {}).get(name)]
            fitting += [s for p, s in schema.get("patternProperties", {}).items() if re.search(p, name)]
            rules = [rule for rule in fitting if rule is not None]
            if not rules and schema.get("additionalProperties", True) is False:
                found.append(f"{at} must not have {name}")
            for rule in rules:
                found += faults(rule, one, f"{at}/{name}")
    return found


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        ("?linkType=linkset", "*/*", LINKSET),
        ("?linkType=all", "*/*", LINKSET),
        ("", LINKSET, LINKSET),
        ("?linkType=all", LINKSET, LINKSET),
        ("", "application/json", "application/json"),
        ("?linkType=linkset", "application/json", "application/json"),
        ("?linkType=linkset", BROWSER, "text/html; charset=utf-8"),
        ("?linkType=all", BROWSER, "text/html; charset=utf-8"),
    ],
)
def test_10_to_14_linkset_is_answered_in_the_form_asked_for(
    lettuce: Served, scanned: str, method: str, query: str, accept: str, content_type: str
) -> None:
    answer = lettuce.ask(method, scanned + query, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == content_type
    assert {"Accept", "Accept-Language"} <= {name.strip() for name in answer.headers["vary"].split(",")}
    context = re.search(
        r'<([^>]+)>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld\+json"', answer.headers["link"]
    )
    assert context is not None
    if method == "GET" and "json" in content_type:
        assert answer.json()["linkset"] == the_linkset(lettuce, scanned)


def test_13_people_read_all_links_in_their_language(lettuce: Served) -> None:
    chinese = lettuce.page(f"/01/{SALAD}/10/{LOT}?linkType=linkset", "zh-CN").text
    assert "这个码的所有链接" in chinese
    assert "田园沙拉" in chinese
    assert f'href="{lettuce.url}/scan/01/{SALAD}/10/{LOT}"' in chinese
    assert "All links of this code" in lettuce.page(f"/01/{SALAD}?linkType=linkset", "en").text


def test_14_context_is_served(lettuce: Served) -> None:
    answer = lettuce.get("/linkset-context.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.json()["@context"]["gs1"] == VOCABULARY


def test_15_linkset_is_valid_and_has_each_level_up_to_the_key(lettuce: Served, scanned: str, corpora: Path) -> None:
    schema = json.loads((corpora / "gs1" / "linkset" / "gs1-linkset-schema.json").read_text("utf-8"))
    told = the_linkset(lettuce, scanned)
    assert faults(schema, {"linkset": told}) == []
    anchors = [one["anchor"] for one in told]
    assert anchors[0] == lettuce.url + scanned
    assert anchors[-1] == f"{lettuce.url}/01/{SALAD}"
    assert len(anchors) == (scanned.count("/") // 2)
    invalid = json.loads((corpora / "gs1" / "linkset" / "invalid-basic-example.json").read_text("utf-8"))
    assert faults(schema, invalid)


def test_16_17_each_anchor_has_one_plain_default_link_and_each_link_words(lettuce: Served, scanned: str) -> None:
    for told in the_linkset(lettuce, scanned):
        links = links_in(told)
        assert [set(link) for link in links[VOCABULARY + "defaultLink"]] == [{"href", "title"}]
        assert len(links.get(VOCABULARY + "defaultLinkMulti", ["", ""])) > 1
        for name, several in links.items():
            assert name.startswith(VOCABULARY)
            assert all(link["href"].startswith(lettuce.url) and link["title"].strip() for link in several)


def test_targets_of_a_lots_links_answer(lettuce: Served) -> None:
    told = the_linkset(lettuce, f"/01/{SALAD}/10/{LOT}")
    names = {name.removeprefix(VOCABULARY) for name in links_in(told[0])}
    assert names == {"defaultLink", "pip", "traceability", "recallStatus", "epcis", "verificationService"}
    for links in links_in(told[0]).values():
        for link in links:
            answer = lettuce.get(link["href"].removeprefix(lettuce.url))
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith(link.get("type", "text/html"))
            if "hreflang" in link:
                assert answer.headers["content-language"].split("-")[0] == link["hreflang"][0]
