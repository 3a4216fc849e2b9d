"""Label sheets: each item code as a QR code that any phone reads, holding a GS1 Digital Link URI, for print on A4.

The URI is `{base}/01/{gtin}/10/{lot}/21/{serial}` (GS1 Digital Link URI Syntax, uncompressed), the symbol a QR code
of error correction level M with the quiet zone of four modules that ISO/IEC 18004 asks for. A page of labels holds 3
× 8 of 70 × 37 mm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from itertools import groupby
from unicodedata import east_asian_width

import segno

from ledger.errors import BadInput
from ledger.trace.item_codes import Manifest, leaf

COLUMNS, ROWS = 3, 8
LABEL_MM = (70.0, 37.0)
QUIET_ZONE_MODULES = 4
_QR_MM = 31.0
_PAGE_MM = (210.0, 297.0)
_MOST_LABELS = 10_000
_FONT_MM, _LINE_MM = 2.9, 3.9
_LINE_EMS = (LABEL_MM[0] - _QR_MM - 5) / _FONT_MM


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """What is printed: the codes of a lot, the address that their URIs begin with, and the product's name."""

    base: str  # https://example.org, without a slash at the end
    manifest: Manifest
    product: str | None = None
    first: int = 0  # the first label's place among the codes, from 0
    count: int | None = None  # None: all from `first` on

    def serials(self) -> tuple[str, ...]:
        """The serials on this sheet. BadInput for none of them or too many for one file."""
        end = len(self.manifest.serials) if self.count is None else self.first + self.count
        chosen = self.manifest.serials[self.first : end] if self.first >= 0 else ()
        if not chosen:
            raise BadInput(
                f"There are no labels from {self.first} on: the lot has {len(self.manifest.serials)} codes.",
                hint="Labels count from 0.",
            )
        if len(chosen) > _MOST_LABELS:
            raise BadInput(
                f"{len(chosen):,} labels are too many for one sheet.", hint=f"Print {_MOST_LABELS:,} at a time."
            )
        return chosen

    def uri(self, serial: str) -> str:
        """What the QR code of a serial holds."""
        return self.base.rstrip("/") + leaf(self.manifest.gtin, self.manifest.lot, serial).decode("ascii")


def labels_html(sheet: LabelSheet) -> str:
    """A page for print: one label a cell, complete in one file, with a heading in both languages that is not
    printed.
    """
    gtin, lot, product = (escape(text) for text in (sheet.manifest.gtin, sheet.manifest.lot, sheet.product or ""))
    serials = sheet.serials()
    cells = "\n".join(
        f"<li><figure>{qr_svg(sheet.uri(serial))}<figcaption>{f'<b>{product}</b>' if product else ''}"
        f"<span>(01) {gtin}</span><span>(10) {lot}</span><span>(21) {_spaced(serial)}</span></figcaption></figure></li>"
        for serial in serials
    )
    return f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>标签 Labels: {product} {lot}</title>
<style>{_CSS}</style>
</head>
<body>
<header>
<h1>标签 <span lang="en">Labels</span></h1>
<p>{product} 批次 {lot}，共 {len(serials)} 张。每张标签只用一次，扫码即可查看来源。</p>
<p lang="en">{product} lot {lot}, {len(serials)} labels. Use each label once; scan it to see the origin.</p>
</header>
<main><ol>
{cells}
</ol></main>
</body>
</html>
"""


def labels_svg(sheet: LabelSheet) -> str:
    """All labels as one SVG image in millimetres, A4 pages one below the other; text and codes are vectors."""
    serials = sheet.serials()
    pages = -(-len(serials) // (COLUMNS * ROWS))
    width, height = _PAGE_MM[0], _PAGE_MM[1] * pages
    title = escape(f"标签 Labels: {sheet.product or ''} {sheet.manifest.lot}")
    labels = "\n".join(_svg_labels(sheet, serials))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title" '
        f'width="{width:g}mm" height="{height:g}mm" viewBox="0 0 {width:g} {height:g}" font-family="sans-serif">\n'
        f'<title id="title">{title}</title>\n<rect width="100%" height="100%" fill="#fff"/>\n{labels}\n</svg>\n'
    )


def qr_png(uri: str, *, pixels_a_module: int = 8) -> bytes:
    """One QR code as a PNG picture."""
    out = BytesIO()
    _qr(uri).save(out, kind="png", scale=pixels_a_module, border=QUIET_ZONE_MODULES)
    return out.getvalue()


def qr_svg(uri: str) -> str:
    """One QR code as an SVG element to stand in a page; it is named by its URI for those who do not see it."""
    code = _qr(uri)
    side = code.symbol_size(border=QUIET_ZONE_MODULES)[0]
    return (
        f'<svg role="img" aria-label="QR {escape(uri, quote=True)}" viewBox="0 0 {side} {side}" '
        f'shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{_path(code)}"/></svg>'
    )


def _svg_labels(sheet: LabelSheet, serials: Sequence[str]) -> Iterator[str]:
    """Each label as an image of its own, which cuts off at its edge: no text can run into the next code."""
    for number, serial in enumerate(serials):
        page, place = divmod(number, COLUMNS * ROWS)
        row, column = divmod(place, COLUMNS)
        x = column * LABEL_MM[0]
        y = page * _PAGE_MM[1] + (_PAGE_MM[1] - ROWS * LABEL_MM[1]) / 2 + row * LABEL_MM[1]
        code = _qr(sheet.uri(serial))
        scale = _QR_MM / code.symbol_size(border=QUIET_ZONE_MODULES)[0]
        lines = [
            *_wrapped(sheet.product or "", most_lines=2),
            f"(01) {sheet.manifest.gtin}",
            *_wrapped(f"(10) {sheet.manifest.lot}", most_lines=2),
            f"(21) {_spaced(serial[:10])}",
            _spaced(serial[10:]),
        ]
        text = "".join(
            f'<tspan x="{_QR_MM + 3:g}" dy="{_LINE_MM if index else 0:g}">{escape(line)}</tspan>'
            for index, line in enumerate(lines)
        )
        yield (
            f'<svg x="{x:g}" y="{y:g}" width="{LABEL_MM[0]:g}" height="{LABEL_MM[1]:g}">'
            f"<title>{escape(sheet.uri(serial))}</title>"
            f'<path transform="translate(2 3) scale({scale:.4f})" shape-rendering="crispEdges" d="{_path(code)}"/>'
            f'<text y="9" font-size="{_FONT_MM:g}">{text}</text></svg>'
        )


def _wrapped(text: str, *, most_lines: int) -> list[str]:
    """Text in lines that fit beside the code; what is too long ends in an ellipsis."""
    lines, width = [""], 0.0
    for character in text:
        wide = 1.0 if east_asian_width(character) in "WF" else 0.55  # of the font's size, about
        if width + wide > _LINE_EMS:
            if len(lines) == most_lines:
                return [*lines[:-1], lines[-1][:-1] + "…"]
            lines.append("")
            width = 0.0
        lines[-1] += character
        width += wide
    return [line.strip() for line in lines if line.strip()]


def _qr(uri: str) -> segno.QRCode:
    return segno.make_qr(uri, error="m")


def _path(code: segno.QRCode) -> str:
    """The dark modules as runs, one unit a module, the quiet zone included."""
    parts = []
    for y, row in enumerate(code.matrix_iter(border=QUIET_ZONE_MODULES)):
        x = 0
        for dark, run in groupby(row):
            width = len(list(run))
            if dark:
                parts.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return "".join(parts)


def _spaced(serial: str) -> str:
    """In groups of five, so that a person can read it out."""
    return " ".join(serial[at : at + 5] for at in range(0, len(serial), 5))


_CSS = f"""
@page {{ size: A4; margin: {(_PAGE_MM[1] - ROWS * LABEL_MM[1]) / 2:g}mm 0; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; color: #000; background: #fff; }}
body {{ font: 8pt/1.3 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }}
header {{ padding: 8mm; font-size: 12pt; }}
h1 {{ margin: 0; font-size: 16pt; }}
ol {{ display: flex; flex-wrap: wrap; width: {_PAGE_MM[0]:g}mm; margin: 0; padding: 0; list-style: none; }}
li {{ width: {LABEL_MM[0]:g}mm; height: {LABEL_MM[1]:g}mm; padding: 3mm 2mm; break-inside: avoid; overflow: hidden; }}
figure {{ display: flex; gap: 1mm; margin: 0; height: 100%; align-items: center; }}
svg {{ flex: none; width: {_QR_MM:g}mm; height: {_QR_MM:g}mm; }}
figcaption span, figcaption b {{ display: block; overflow-wrap: anywhere; }}
@media print {{ header {{ display: none; }} }}
"""
