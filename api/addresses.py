"""Addresses of our own pages, and what the addresses of scanned codes say."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from ledger.errors import BadInput
from ledger.trace.gs1 import parse_digital_link
from ledger.trace.gs1.characters import to_path


def link_path(gtin: str, lot: str | None = None, serial: str | None = None) -> str:
    """The GS1 Digital Link path: /01/{gtin}[/10/{lot}][/21/{serial}]."""
    return f"/01/{gtin}" + (f"/10/{to_path(lot)}" if lot else "") + (f"/21/{to_path(serial)}" if serial else "")


def scan_path(gtin: str, lot: str | None = None, serial: str | None = None) -> str:
    """Our page about it."""
    return "/scan" + link_path(gtin, lot, serial)


@dataclass(frozen=True, slots=True)
class TradeItem:
    """What a scanned address names: a product (14 digits), perhaps a lot of it, perhaps one item."""

    gtin: str
    lot: str | None
    serial: str | None


def trade_item_of(request: Request) -> TradeItem:
    """What a request's path names, each part checked. BadInput otherwise.

    Read from the raw path: a lot may hold an escaped slash. A slash at the end says nothing.
    """
    path = request.scope["raw_path"].decode("ascii").split("?")[0].rstrip("/").removeprefix("/scan")
    epc = parse_digital_link(path, where=path)
    if epc.gtin is None or not path.startswith("/01/"):
        raise BadInput(
            "This address names no product.",
            where=path,
            hint="A scanned code has the form /01/{gtin}/10/{lot}/21/{serial}.",
        )
    return TradeItem(epc.gtin, epc.lot, epc.serial)


def local_path(text: str | None) -> str | None:
    """`text` when it is a path on this website, else None: a sign-in must not send anybody elsewhere."""
    if text and text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text:
        return text
    return None
