"""The scan page on a phone: readable, whole without scripts, in both languages, with nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from api_scene import SALAD, Served
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.heavy

LOT = "SALAD-20260420-A"

# Text whose contrast with what is behind it is below 4.5:1, or 3:1 for large text (WCAG 2.2, 1.4.3).
FAINT_TEXT = """() => {
  const channel = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour.length < 4 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(behind(element))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) found.push(walker.currentNode.textContent.trim().slice(0, 40));
  }
  return found;
}"""

# What can be pressed and is smaller than 24 by 24 pixels, links within text apart (WCAG 2.2, 2.5.8).
SMALL_TARGETS = """() => [...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary, nav a, .switch a")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24).map((one) => one.outerHTML.slice(0, 80))"""


def code(served: Served) -> str:
    return f"/01/{SALAD}/10/{LOT}/21/{served.scene.serials[0]}"


def overflows(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("language", "verdict", "origin"),
    [("zh-CN", "这个码是真的", "绿谷农场"), ("en-GB", "This code is genuine", "Green Valley")],
)
def test_scanned_pack_tells_its_story(
    lettuce: Served, phone_for: Callable[..., Any], scripts: bool, language: str, verdict: str, origin: str
) -> None:
    phone = phone_for(lettuce, language, scripts=scripts)
    page = phone.open(code(lettuce))
    expect(page.locator("h1")).to_contain_text(verdict)
    expect(page.locator("#where + p")).to_be_visible()
    expect(page.locator("main")).to_contain_text(origin)
    assert page.locator("ol.line > li").count() > 10
    assert not overflows(page)
    assert all(url.startswith(lettuce.url) for url in phone.asked)
    assert phone.complaints == []


def test_proof_opens_without_scripts(lettuce: Served, phone_for: Callable[..., Any]) -> None:
    page = phone_for(lettuce, "en", scripts=False).open(code(lettuce))
    path = page.get_by_text("Merkle path")
    expect(path).to_be_hidden()
    page.get_by_text("Proof of this code").click()
    expect(path).to_be_visible()
    for summary in page.locator("summary").all():
        if not summary.evaluate("one => one.parentElement.open"):
            summary.click()
    assert not overflows(page)


def test_language_is_switched_and_kept(lettuce: Served, phone_for: Callable[..., Any]) -> None:
    page = phone_for(lettuce, "en").open(code(lettuce))
    page.get_by_role("link", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.goto(lettuce.url + "/")
    expect(page.locator("h1")).to_contain_text("它从哪里来")


def test_finding_leads_to_the_steps_that_it_rests_on(lettuce: Served, phone_for: Callable[..., Any]) -> None:
    page = phone_for(lettuce, "en").open(code(lettuce))
    link = page.locator("#f1 a[href^='#s']").first
    target = link.get_attribute("href")
    link.click()
    expect(page.locator(str(target))).to_be_in_viewport()


def test_keyboard_skips_to_the_content(lettuce: Served, phone_for: Callable[..., Any]) -> None:
    page = phone_for(lettuce, "en").open("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_and_targets_can_be_hit(lettuce: Served, phone_for: Callable[..., Any], dark: bool) -> None:
    phone = phone_for(lettuce, "en", dark=dark)
    for path in (code(lettuce), code(lettuce)[:-1] + "~", "/", "/members", "/login", f"/scan/01/{SALAD}", "/nowhere"):
        page = phone.open(path)
        assert page.evaluate(FAINT_TEXT) == [], path
        assert page.evaluate(SMALL_TARGETS) == [], path
        assert not overflows(page), path
        page.close()


def test_search_on_the_home_page_finds_the_lot(lettuce: Served, phone_for: Callable[..., Any]) -> None:
    page = phone_for(lettuce, "en", scripts=False).open("/")
    page.get_by_label("Lot").fill(LOT)
    page.get_by_role("button", name="Look it up").click()
    expect(page.locator("h1")).to_contain_text("This lot is on record")
