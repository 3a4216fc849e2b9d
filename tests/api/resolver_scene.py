"""What the tests of the resolver share: what is asked for, and the linkset of an address."""

from __future__ import annotations

from typing import Any

from api_scene import Served

LOT = "SALAD-20260420-A"
UNKNOWN_GTIN = "09506000134352"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
LINKSET = "application/linkset+json"
VOCABULARY = "https://gs1.org/voc/"


def the_linkset(lettuce: Served, path: str) -> list[dict[str, Any]]:
    answer = lettuce.get(path, headers={"Accept": LINKSET})
    assert answer.status_code == 200
    told: list[dict[str, Any]] = answer.json()["linkset"]
    return told


def links_in(told: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {name: links for name, links in told.items() if name not in ("anchor", "itemDescription")}
