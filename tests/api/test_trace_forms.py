"""A trace in other forms: as of a past moment, as an EPCIS document for whom it is whole, as a picture; and by the command."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from api_scene import LETTUCE, SALAD, START, Served
from lxml import etree
from openpyxl import load_workbook
from test_capture import a_document, a_harvest

from ledger.cli.main import run
from ledger.trace.epcis import read_document

LOT = "SALAD-20260420-A"
TRACE = f"/trace?lot={LOT}&gtin={SALAD}"


def at_block(block: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(START + block * 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_moment_that_is_none_is_refused(lettuce: Served) -> None:
    answer = lettuce.get(f"{TRACE}&asOf=yesterday")
    assert (answer.status_code, answer.json()["where"]) == (400, "query asOf")
    assert lettuce.get(f"{TRACE}&format=pdf").status_code in (400, 422)


def test_as_of_tells_what_stood_then(served: Served) -> None:
    first = served.scene.block + 1
    served.scene.state("farm", json.dumps(a_document(a_harvest())).encode())
    assert served.get(f"/trace?lot=L1&asOf={at_block(first - 1)}").status_code == 404
    assert len(served.get(f"/trace?lot=L1&asOf={at_block(first)}").json()["steps"]) == 1


def test_document_of_a_public_journey_is_everybodys(lettuce: Served) -> None:
    answer = lettuce.get(f"{TRACE}&format=epcis")
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.headers["suyuan-withheld"] == "0"
    told = lettuce.get(TRACE).json()
    hashes = {one["event_hash"] for step in told["steps"] for one in step["accounts"]}
    assert {event.hash.hex for event in read_document(answer.content, source="answer").events} == hashes
    assert (
        lettuce.get(TRACE, headers={"Accept": "application/ld+json"}).headers["content-type"] == "application/ld+json"
    )


def test_document_of_another_lot_is_for_who_signed_it(served: Served) -> None:
    served.scene.state("farm", json.dumps(a_document(a_harvest())).encode())
    path = "/trace?lot=L1&format=epcis"
    assert served.get(path).status_code == 403
    assert served.get(path, as_="cooler").status_code == 403
    assert len(read_document(served.get(path, as_="farm").content, source="answer").events) == 1


@pytest.mark.parametrize(("lang", "says"), [("zh", "由什么制成"), ("en", "made from what")])
def test_picture_speaks_the_readers_language(lettuce: Served, lang: str, says: str) -> None:
    answer = lettuce.get(TRACE, headers={"Accept": "image/svg+xml", "Accept-Language": lang})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert says in etree.fromstring(answer.content)[0].text
    page = lettuce.page(f"/scan/01/{SALAD}/10/{LOT}", lang).text
    assert f"format=svg&amp;lang={lang}" in page
    assert "format=epcis" in page


def test_command_writes_document_picture_and_spreadsheet(
    lettuce: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(lettuce.scene.ledger.home.path)]
    document, picture, table = tmp_path / "journey.jsonld", tmp_path / "journey.svg", tmp_path / "fsma.xlsx"
    files = ["--epcis", str(document), "--svg", str(picture), "--xlsx", str(table)]
    assert run(["trace", "--lot", LOT, *files, "--chinese", *home]) == 0
    assert run(["epcis", "check", str(document)]) == 0
    assert "制成" in etree.fromstring(picture.read_bytes())[0].text
    assert "Shipping" in load_workbook(io.BytesIO(table.read_bytes())).sheetnames
    capsys.readouterr()
    assert run(["trace", "--lot", "ABC1234", *files, *home]) == 1, "two products have a lot of that number"
    assert "--gtin" in capsys.readouterr().err
    assert run(["trace", "--lot", "ABC1234", "--gtin", LETTUCE, "--as-of", at_block(0), *home]) == 1
    assert "by then" in capsys.readouterr().err
