"""Draws a journey's graph as an SVG of its own, for a phone: 360 units wide, no script, nothing from elsewhere.

A screen reader hears a title, a description that tells the graph in sentences, and each box as a group with a label. Colour never
says alone what it says: the lot asked for has a double frame, doubt has a sign and words.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from ledger.trace.graph import BOXES_A_ROW, Box, Graph, graph_of
from ledger.trace.journey import Journey
from ledger.trace.words import Language, Text

_WIDTH, _MARGIN, _GAP, _BETWEEN = 360, 10, 12, 40
_BOX_WIDTH = (_WIDTH - 2 * _MARGIN - _GAP * (BOXES_A_ROW - 1)) // BOXES_A_ROW
_BOX_HEIGHT, _LINE = 84, 17
_UNITS_A_LINE = 25  # of half a character's width; a Chinese character takes two
_INK, _SOFT, _PAPER, _BAD, _ACCENT = "#1d2521", "#4d5a53", "#ffffff", "#8f1d14", "#14532d"
_FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"


def graph_svg(journey: Journey, language: Language) -> bytes:
    """The picture, UTF-8."""
    graph = graph_of(journey)
    at = {box.lot_key: _corner(box) for box in graph.boxes}
    height = 2 * _MARGIN + graph.rows * _BOX_HEIGHT + max(0, graph.rows - 1) * _BETWEEN + (28 if graph.left_out else 0)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-labelledby="title desc" lang="{"zh-Hans" if language == "zh-CN" else "en"}" font-family="{escape(_FONT)}">',
        f'<title id="title">{_escaped(_title(journey).in_language(language))}</title>',
        f'<desc id="desc">{_escaped(_told(graph, language))}</desc>',
        f'<rect width="{_WIDTH}" height="{height}" fill="{_PAPER}"/>',
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{_SOFT}"/></marker></defs>',
        f'<g fill="none" stroke="{_SOFT}" stroke-width="1.5" aria-hidden="true">',
        *(_line(at[start], at[end]) for start, end in graph.lines),
        "</g>",
        *(_drawn(box, at[box.lot_key], language) for box in graph.boxes),
    ]
    if graph.left_out:
        more = Text(f"还有 {graph.left_out} 个批次没有画出", f"{graph.left_out} more lots are not drawn")
        parts.append(_text(_MARGIN, height - 14, more.in_language(language), _SOFT))
    return "\n".join([*parts, "</svg>\n"]).encode()


def _title(journey: Journey) -> Text:
    name = journey.product or f"GTIN {journey.gtin}"
    return Text(
        f"{name}，批号 {journey.lot}：由什么制成，制成了什么",
        f"{name}, lot {journey.lot}: made from what, made into what",
    )


def _told(graph: Graph, language: Language) -> str:
    """The graph in sentences."""
    names = {box.lot_key: _name(box, language) for box in graph.boxes}
    sentences = [
        Text(f"{names[end]}由{names[start]}制成。", f"{names[end]} was made from {names[start]}.").in_language(language)
        for start, end in graph.lines
    ]
    if not sentences:
        sentences = [Text("没有记录说明它由什么制成。", "No record says what it was made from.").in_language(language)]
    if graph.left_out:
        more = Text(f"还有 {graph.left_out} 个批次没有画出。", f"{graph.left_out} more lots are not drawn.")
        sentences.append(more.in_language(language))
    return ("" if language == "zh-CN" else " ").join(sentences)


def _name(box: Box, language: Language) -> str:
    if box.lot is None:
        return box.lot_key
    name = box.name or f"GTIN {box.gtin}"
    return Text(f"{name}批号 {box.lot}", f"{name} lot {box.lot}").in_language(language)


def _corner(box: Box) -> tuple[int, int]:
    return _MARGIN + box.place * (_BOX_WIDTH + _GAP), _MARGIN + box.row * (_BOX_HEIGHT + _BETWEEN)


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    """From the lower edge of one box to the upper edge of another; back up where goods flow in a circle."""
    from_x, to_x = start[0] + _BOX_WIDTH // 2, end[0] + _BOX_WIDTH // 2
    down = end[1] > start[1]
    from_y = start[1] + (_BOX_HEIGHT if down else 0)
    to_y = end[1] + (0 if down else _BOX_HEIGHT)
    bend = (_BETWEEN // 2 + 4) * (1 if down else -1)
    return f'<path d="M{from_x} {from_y}C{from_x} {from_y + bend} {to_x} {to_y - bend} {to_x} {to_y}" marker-end="url(#arrow)"/>'


def _drawn(box: Box, corner: tuple[int, int], language: Language) -> str:
    x, y = corner
    lines = _lines(box, language)
    colour = _BAD if box.findings or not box.origin_known else _ACCENT if box.asked else _INK
    frame = f'x="{x}" y="{y}" width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" rx="8"'
    inner = (
        f'<rect x="{x + 3}" y="{y + 3}" width="{_BOX_WIDTH - 6}" height="{_BOX_HEIGHT - 6}" rx="6" fill="none" stroke="{colour}"/>'
        if box.asked
        else ""
    )
    words = [
        _text(x + 9, y + 21 + number * _LINE, _cut(line), _INK if number == 0 else _SOFT, bold=number == 0)
        for number, line in enumerate(lines)
    ]
    label = quoteattr("; ".join(lines))
    return (
        f'<g role="group" aria-label={_clean(label)}><rect {frame} fill="{_PAPER}" stroke="{colour}" stroke-width="1.5"/>'
        f"{inner}{''.join(words)}</g>"
    )


def _lines(box: Box, language: Language) -> Sequence[str]:
    """What stands in a box: name, lot, who made it where, day, and what is amiss."""
    made = box.made
    if box.lot is None:
        found = [box.lot_key]
    else:
        found = [box.name or f"GTIN {box.gtin}", Text(f"批号 {box.lot}", f"Lot {box.lot}").in_language(language)]
    if box.findings:
        one = "1 finding" if box.findings == 1 else f"{box.findings} findings"
        found.append(Text(f"⚠ {box.findings} 处对不上或缺失", f"⚠ {one}").in_language(language))
    elif not box.origin_known:
        found.append(Text("⚠ 没有产地记录", "⚠ origin not on record").in_language(language))
    elif made is not None and made.who is not None:
        found.append(made.who.name)
    if made is not None:
        found.append(made.when.local[:10])
    return found


def _text(x: int, y: int, text: str, colour: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="13" fill="{colour}"{weight}>{_escaped(text)}</text>'


def _cut(text: str) -> str:
    """As much as fits in a box; the whole stands in its label."""
    width = 0
    for place, letter in enumerate(text):
        width += 2 if ord(letter) > 0x2E7F else 1
        if width > _UNITS_A_LINE - 1 and place < len(text) - 1:
            return text[:place] + "…"
    return text


def _escaped(text: str) -> str:
    return _clean(escape(text))


def _clean(text: str) -> str:
    """Without the characters that XML 1.0 does not allow."""
    return "".join(one if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff") else "\ufffd" for one in text)
