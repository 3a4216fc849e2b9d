"""The scan page: verdict first, the truth about the records, and the proof; in both languages, light and self-contained."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from api_scene import LETTUCE, SALAD, Served
from test_capture import a_document, a_harvest

from ledger.index import events as chain
from ledger.trace.item_codes import load_mac_key, make_serials

LOT = "SALAD-20260420-A"


class Outline(HTMLParser):
    """What matters of a page for people who do not see it: language, landmarks, headings, references, styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.inline: list[str] = []
        self.language: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attributes}
        self.tags.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "html":
            self.language = named.get("lang")
        if "id" in named:
            self.ids.append(named["id"])
        self.references += [named[name] for name in ("href", "src", "action") if name in named]
        self.inline += [name for name in named if name == "style" or name.startswith("on")]
        if tag in ("script", "style") and "src" not in named:
            self.inline.append(tag)


def path(serial: str, lot: str = LOT) -> str:
    return f"/scan/01/{SALAD}/10/{lot}/21/{serial}"


@pytest.fixture
def coded(served: Served) -> Served:
    """A lot of lettuce with one harvest and codes."""
    served.scene.state("farm", json.dumps(a_document(a_harvest())).encode())
    served.scene.serials = served.scene.make_codes(LETTUCE, "L1")
    return served


def test_forged_code_says_so_and_shows_no_journey(lettuce: Served) -> None:
    serial = lettuce.scene.serials[0]
    forged = serial[:-1] + ("0" if serial[-1] != "0" else "1")
    page = lettuce.page(path(forged))
    assert page.status_code == 404
    assert "forged or mistyped" in page.text
    assert "Green Valley" not in page.text
    assert "伪造" in lettuce.page(path(forged), "zh-CN").text


def test_unknown_serial_with_a_right_mac_says_so(lettuce: Served) -> None:
    (serial,) = make_serials(load_mac_key(lettuce.scene.ledger.home), SALAD, LOT, 1)
    page = lettuce.page(path(serial))
    assert page.status_code == 404
    assert "does not know this serial number" in page.text


def test_real_serial_under_another_lot_says_so_and_leads_to_its_own(lettuce: Served) -> None:
    serial = lettuce.scene.serials[0]
    page = lettuce.page(path(serial, "OTHER-1"))
    assert page.status_code == 404
    assert "belongs to another lot" in page.text
    assert f'href="{path(serial)}"' in page.text


def test_unknown_lot_and_product_say_so(lettuce: Served) -> None:
    assert lettuce.page(f"/scan/01/{SALAD}/10/NOWHERE").status_code == 404
    unknown = lettuce.page("/scan/01/09506000134352")
    assert unknown.status_code == 404
    assert "does not know this product" in unknown.text


def test_recalled_lot_says_so_first_with_its_reason(coded: Served) -> None:
    coded.scene.recall(LETTUCE, "L1", "Listeria <found> in a sample")
    for address in (f"/scan/01/{LETTUCE}/10/L1", f"/scan/01/{LETTUCE}/10/L1/21/{coded.scene.serials[0]}"):
        page = coded.page(address)
        assert page.status_code == 200
        assert "has been recalled" in page.text.split("</h1>")[0]
        assert "Listeria &lt;found&gt; in a sample" in page.text
        assert "召回" in coded.page(address, "zh").text.split("</h1>")[0]


def test_forged_code_of_a_recalled_lot_warns_of_both(coded: Served) -> None:
    coded.scene.recall(LETTUCE, "L1", "Listeria")
    serial = coded.scene.serials[0]
    forged = serial[:-1] + ("0" if serial[-1] != "0" else "1")
    page = coded.page(f"/scan/01/{LETTUCE}/10/L1/21/{forged}")
    assert page.status_code == 404
    assert "recalled" in page.text
    assert "forged" in page.text


def test_damaged_evidence_is_not_called_genuine(coded: Served) -> None:
    ledger = coded.scene.ledger
    manifests = [file for file in ledger.documents.path.rglob("*") if file.is_file() and b"/21/\n" in file.read_bytes()]
    manifests[0].write_bytes(manifests[0].read_bytes().replace(b"/21/\n", b"/21/\n0"))
    page = coded.page(f"/scan/01/{LETTUCE}/10/L1/21/{coded.scene.serials[0]}")
    assert page.status_code == 500
    assert "cannot be verified" in page.text


def test_clean_genuine_code_says_so_plainly(coded: Served) -> None:
    page = coded.page(f"/scan/01/{LETTUCE}/10/L1/21/{coded.scene.serials[0]}")
    assert page.status_code == 200
    assert "This code is genuine, and its records agree" in page.text
    assert "17 Apr 2026 09:26 (UTC+08:00)" in page.text
    assert "250 kg" in page.text
    assert "2026年4月17日" in coded.page(f"/scan/01/{LETTUCE}/10/L1", "zh-CN").text


def test_real_case_tells_its_contradictions_before_its_journey(lettuce: Served) -> None:
    text = lettuce.page(path(lettuce.scene.serials[0])).text
    order = [text.index(f'id="{part}"') for part in ("verdict", "where", "findings", "journey", "proof", "limits")]
    assert order == sorted(order)
    assert "do not add up or are missing" in text.split("</h1>")[0]
    for words in ("25,000 lb", "500 cases", "says this of", "Measured", "DEF2345"):
        assert words in text
    assert "no origin on record" in text


def test_proof_holds_what_anybody_needs_to_check(lettuce: Served) -> None:
    text = lettuce.page(path(lettuce.scene.serials[0])).text
    assert "ni:///sha-256;" in text
    assert f"/01/{SALAD}/10/{LOT}/21/{lettuce.scene.serials[0]}</code>" in text
    for words in ("Merkle path", "Merkle root", "Commitment", "Salt", "Block", "Transaction"):
        assert words in text
    assert "sealed" not in text


def test_salts_of_a_lot_without_codes_are_sealed(served: Served) -> None:
    served.scene.state("farm", json.dumps(a_document(a_harvest())).encode())
    assert "sealed" in served.page(f"/scan/01/{LETTUCE}/10/L1").text
    assert "sealed" not in served.page(f"/scan/01/{LETTUCE}/10/L1", as_="farm").text


@pytest.mark.parametrize(
    ("accept", "language"), [("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"), ("de,en;q=0.5", "en"), ("", "en")]
)
def test_page_speaks_the_browsers_language(lettuce: Served, accept: str, language: str) -> None:
    assert Outline(lettuce.page(path(lettuce.scene.serials[0]), accept).text).language == language


def test_language_switch_wins_and_is_remembered(lettuce: Served) -> None:
    page = lettuce.page(path(lettuce.scene.serials[0]) + "?lang=zh", "en")
    assert Outline(page.text).language == "zh-Hans"
    assert "suyuan_lang=zh" in page.headers["set-cookie"]
    remembered = lettuce.page("/", "en", headers={"Cookie": "suyuan_lang=zh"})
    assert Outline(remembered.text).language == "zh-Hans"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_is_light_self_contained_and_in_order(lettuce: Served, language: str) -> None:
    page = lettuce.page(path(lettuce.scene.serials[0]), language)
    outline = Outline(page.text)
    assert outline.inline == []
    assert all(one.startswith(("/", "#", "?")) and not one.startswith("//") for one in outline.references if one)
    assert all(landmark in outline.tags for landmark in ("header", "nav", "main", "footer"))
    assert outline.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    assert len(outline.ids) == len(set(outline.ids))
    assert all(one[1:] in outline.ids for one in outline.references if one.startswith("#"))
    assets = {one for one in outline.references if one.startswith("/static/")}
    weight = len(page.content) + sum(len(lettuce.get(one).content) for one in assets)
    assert weight < 100_000


def test_policy_allows_nothing_inline_and_nothing_foreign(lettuce: Served) -> None:
    policy = lettuce.page("/").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "*" not in policy


def test_every_answer_is_what_it_says_it_is(lettuce: Served) -> None:
    for address in ("/", "/trace?lot=NOWHERE", "/openapi.json", f"/01/{SALAD}"):
        assert lettuce.get(address).headers["x-content-type-options"] == "nosniff"


def test_page_travels_compressed(lettuce: Served) -> None:
    page = lettuce.page(path(lettuce.scene.serials[0]))
    assert page.headers["content-encoding"] == "gzip"


def test_assets_are_kept_for_ever_under_their_digest(lettuce: Served) -> None:
    asset = next(one for one in Outline(lettuce.page("/").text).references if one.endswith(".css"))
    assert "immutable" in lettuce.get(asset).headers["cache-control"]
    assert lettuce.get("/static/000000000000/suyuan.css").status_code == 404


def test_product_lists_its_lots(lettuce: Served) -> None:
    page = lettuce.page(f"/scan/01/{SALAD}")
    assert page.status_code == 200
    assert f'href="/scan/01/{SALAD}/10/{LOT}"' in page.text


def test_code_without_its_lot_finds_it(lettuce: Served) -> None:
    page = lettuce.page(f"/scan/01/{SALAD}/21/{lettuce.scene.serials[0].lower()}")
    assert page.status_code == 200
    assert LOT in page.text


def test_search_finds_by_lot_alone_or_asks_which_product(lettuce: Served) -> None:
    assert lettuce.page(f"/find?lot={LOT}").headers["location"] == f"/scan/01/{SALAD}/10/{LOT}"
    several = lettuce.page("/find?lot=ABC1234")
    assert several.status_code == 200
    assert f"/scan/01/{LETTUCE}/10/ABC1234" in several.text
    assert lettuce.page("/find?lot=NOWHERE").status_code == 404
    assert lettuce.page("/find").status_code == 400
    assert lettuce.page(f"/find?gtin={SALAD[:-1]}0").status_code == 400


def test_members_are_public(lettuce: Served) -> None:
    page = lettuce.page("/members", "zh")
    assert page.status_code == 200
    assert "绿谷农场" in page.text
    assert "0860009999060" in page.text


def test_text_from_members_is_never_markup(served: Served) -> None:
    event = a_harvest()
    event["quantityList"][0]["epcClass"] = f"https://id.gs1.org/01/{LETTUCE}/10/A%3Cb%3E"
    served.scene.state("farm", json.dumps(a_document(event)).encode())
    served.scene.emit(chain.ProductAssigned(int(LETTUCE), 1, "Lettuce <script>alert(1)</script>"))
    page = served.page(f"/scan/01/{LETTUCE}/10/A%3Cb%3E")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "A&lt;b&gt;" in page.text


def test_lot_of_a_thousand_records_keeps_the_page_light_and_counts_what_it_leaves_out(served: Served) -> None:
    serials = [f"https://id.gs1.org/01/{LETTUCE}/10/L1/21/{number}" for number in range(1000)]
    harvests = [a_harvest(eventTime=f"2026-04-17T09:{n // 60:02d}:{n % 60:02d}+08:00") for n in range(300)]
    served.scene.state("farm", json.dumps(a_document(a_harvest(epcList=serials), *harvests)).encode())
    page = served.page(f"/scan/01/{LETTUCE}/10/L1", lang="en")
    assert page.status_code == 200
    assert len(page.content) < 100_000
    assert "261 more are not on this page" in page.text  # of 301 steps
    outline = Outline(page.text)
    assert {one[1:] for one in outline.references if one.startswith("#")} <= set(outline.ids)
    assert {"s1", "s301"} <= set(outline.ids)
