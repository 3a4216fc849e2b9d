"""Label sheets: what a phone reads from the printed code is the item's Digital Link."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from ledger.errors import BadInput
from ledger.trace.item_codes import Manifest, make_serials
from ledger.trace.labels import LabelSheet, labels_html, labels_svg, qr_png, qr_svg

GTIN, LOT = "10860009998039", "SALAD-20260420-A"
BASE = "https://trace.example.org"
SVG = "{http://www.w3.org/2000/svg}"


def a_sheet(count: int = 30, lot: str = LOT, product: str | None = "沙拉 <Salad>") -> LabelSheet:
    return LabelSheet(BASE, Manifest(GTIN, lot, make_serials(b"k" * 32, GTIN, lot, count)), product)


def picture_of(path: str, side: int, scale: int = 6) -> Image.Image:
    """Draws the runs of an SVG path as a printer would."""
    picture = Image.new("L", (side * scale, side * scale), 255)
    draw = ImageDraw.Draw(picture)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        left, top = int(x) * scale, int(y) * scale
        draw.rectangle((left, top, left + int(width) * scale - 1, top + scale - 1), fill=0)
    return picture


def read_code(picture: Image.Image) -> str:
    return zxingcpp.read_barcodes(picture)[0].text


def test_a_sheet_without_labels_is_refused() -> None:
    sheet = a_sheet(3)
    with pytest.raises(BadInput):
        LabelSheet(BASE, sheet.manifest, first=3).serials()
    with pytest.raises(BadInput):
        LabelSheet(BASE, sheet.manifest, first=-1).serials()


def test_the_picture_of_a_code_reads_as_its_digital_link() -> None:
    sheet = a_sheet(1)
    uri = sheet.uri(sheet.manifest.serials[0])
    assert uri == f"{BASE}/01/{GTIN}/10/{LOT}/21/{sheet.manifest.serials[0]}"
    with Image.open(BytesIO(qr_png(uri))) as picture:
        assert read_code(picture) == uri


def test_a_lot_with_signs_is_percent_encoded_in_the_code() -> None:
    sheet = a_sheet(1, lot="A/1%")
    uri = sheet.uri(sheet.manifest.serials[0])
    assert "/10/A%2F1%25/21/" in uri
    with Image.open(BytesIO(qr_png(uri))) as picture:
        assert read_code(picture) == uri


def test_every_code_on_the_svg_sheet_reads_as_its_own_uri() -> None:
    sheet = a_sheet(30)
    root = ElementTree.fromstring(labels_svg(sheet))
    labels = root.findall(f"{SVG}svg")
    assert len(labels) == 30
    for label, serial in zip(labels, sheet.manifest.serials, strict=True):
        path = label.find(f"{SVG}path")
        text = "".join(line.text or "" for line in label.iter(f"{SVG}tspan"))
        assert path is not None
        assert read_code(picture_of(path.attrib["d"], 60)) == sheet.uri(serial)
        assert f"(01){GTIN}(10){LOT}(21){serial}" in text.replace(" ", "")
    assert root.attrib["height"] == "594mm", "30 labels take two pages of 24"


def test_a_long_name_keeps_to_its_own_label() -> None:
    sheet = a_sheet(1, product="非常长的产品名称" * 9)
    lines = [line.text or "" for line in ElementTree.fromstring(labels_svg(sheet)).iter(f"{SVG}tspan")]
    assert [len(line) <= 12 for line in lines[:2]] == [True, True]
    assert lines[1].endswith("…")
    assert lines[2].startswith("(01)")


def test_the_page_for_print_shows_each_code_with_its_text() -> None:
    sheet = a_sheet(2)
    page = labels_html(sheet)
    found = re.findall(
        r'<svg role="img" aria-label="QR ([^"]+)" viewBox="0 0 (\d+) \d+"[^>]*>.*?<path d="([^"]+)"', page
    )
    assert [read_code(picture_of(path, int(side))) for _, side, path in found] == [
        sheet.uri(serial) for serial in sheet.manifest.serials
    ]
    assert [uri for uri, _, _ in found] == [sheet.uri(serial) for serial in sheet.manifest.serials]
    text = _text_of(page)
    for serial in sheet.manifest.serials:
        assert serial in text.replace(" ", "")
    assert "标签" in text
    assert "Labels" in text
    assert "沙拉 <Salad>" in text, "a name with markup in it is shown, not obeyed"
    assert "@page" in page


def test_a_part_of_a_lot_can_be_printed() -> None:
    sheet = a_sheet(5)
    part = LabelSheet(sheet.base, sheet.manifest, first=1, count=2)
    assert part.serials() == sheet.manifest.serials[1:3]


def test_a_single_code_stands_in_a_page_as_svg() -> None:
    uri = f"{BASE}/01/{GTIN}"
    path = ElementTree.fromstring(qr_svg(uri)).find("path")
    assert path is not None
    assert read_code(picture_of(path.attrib["d"], 40)) == uri


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _text_of(page: str) -> str:
    parser = _Text()
    parser.feed(page)
    return "".join(parser.parts)
