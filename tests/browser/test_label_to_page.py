"""From the printed label to the page: the QR code is read back from the picture of the label sheet and opened on a phone."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from api_scene import SALAD, Served
from PIL import Image
from playwright.sync_api import Browser, expect

from ledger.trace.item_codes import Manifest
from ledger.trace.labels import LabelSheet, labels_html, labels_svg

pytestmark = pytest.mark.heavy

LOT = "SALAD-20260420-A"


@pytest.fixture(params=["html", "svg"])
def label_picture(request: pytest.FixtureRequest, lettuce: Served, browser: Browser, tmp_path: Path) -> Image.Image:
    """The label sheet as a browser shows it."""
    sheet = LabelSheet(
        base=lettuce.url, manifest=Manifest(SALAD, LOT, tuple(lettuce.scene.serials)), product="田园沙拉"
    )
    text = labels_html(sheet) if request.param == "html" else labels_svg(sheet)
    file = tmp_path / f"labels.{request.param}"
    file.write_text(text, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1000, "height": 1400}, device_scale_factor=2)
    if request.param == "svg":  # Playwright takes no picture of a page that is an SVG itself
        file = tmp_path / "shown.html"
        file.write_text('<body style="margin:0"><img src="labels.svg">', encoding="utf-8")
    page.goto(file.as_uri())
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    page.close()
    return picture


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(("language", "verdict"), [("zh-CN", "这个码是真的"), ("en-GB", "This code is genuine")])
def test_a_label_that_is_photographed_opens_the_pack(
    label_picture: Image.Image,
    lettuce: Served,
    phone_for: Callable[..., Any],
    scripts: bool,
    language: str,
    verdict: str,
) -> None:
    read = {code.text for code in zxingcpp.read_barcodes(label_picture)}
    expected = {f"{lettuce.url}/01/{SALAD}/10/{LOT}/21/{serial}" for serial in lettuce.scene.serials}
    assert read == expected
    page = phone_for(lettuce, language, scripts=scripts).open(sorted(read)[0].removeprefix(lettuce.url))
    expect(page.locator("h1")).to_contain_text(verdict)
