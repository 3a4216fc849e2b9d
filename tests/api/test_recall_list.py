"""The recall list: who may see it, as a page, as JSON, as files; and the command that prints the same."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_scene import LETTUCE, SALAD, Scene, Served, make_scene, serving, tell_lettuce
from openpyxl import load_workbook
from sqlalchemy import func, select

from ledger.chain.roles import Role
from ledger.cli.main import run
from ledger.index import events as chain
from ledger.store.schema import feed, outbox, recall, webhook_message

LOT = "SALAD-20260420-A"
LIST = f"/recalls/{LETTUCE}/ABC1234/affected"


@pytest.fixture(scope="module")
def recalled(tmp_path_factory: pytest.TempPathFactory, corpora: Path) -> Iterator[Served]:
    """The lettuce of the real case is recalled; its salad has five codes; the cooler is a regulator as well."""
    scene = make_scene(tmp_path_factory.mktemp("recalled") / "home")
    tell_lettuce(scene, corpora)
    scene.serials = scene.make_codes(SALAD, LOT)
    scene.emit(chain.RolesChanged(scene.numbers["cooler"], int(Role.COOLER | Role.REGULATOR)))
    scene.recall(LETTUCE, "ABC1234", "李斯特菌 listeria")
    with serving(scene) as running:
        yield running


def test_nobody_and_members_without_a_part_see_no_list(recalled: Served) -> None:
    assert recalled.get(LIST).status_code == 401
    assert recalled.get(LIST, as_="distributor").status_code == 403
    assert recalled.get(LIST.replace("affected", "items"), as_="distributor").status_code == 403


def test_lot_that_is_not_recalled_has_no_list_but_a_drill(recalled: Served) -> None:
    path = f"/recalls/{SALAD}/{LOT}/affected"
    assert recalled.get(path, as_="processor").status_code == 404
    answer = recalled.get(f"{path}?drill=true", as_="processor").json()
    assert (answer["drill"], answer["recall"]) == (True, None)


def test_gtin_with_a_wrong_check_digit_is_refused(recalled: Served) -> None:
    assert recalled.get(f"/recalls/{LETTUCE[:-1]}0/ABC1234/affected", as_="farm").status_code == 400


def test_owner_and_regulator_see_the_same_list(recalled: Served) -> None:
    owner, regulator = (recalled.get(LIST, as_=slug).json() for slug in ("farm", "cooler"))
    assert owner == regulator
    assert owner["recall"]["reason"] == "李斯特菌 listeria"
    assert [one["lot"] for one in owner["lots"]] == ["ABC1234", "ABC1234", LOT]
    assert owner["items"] == {"count": 5}


def test_files_hold_the_list(recalled: Served) -> None:
    table = recalled.get(f"{LIST}?format=csv", as_="farm")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.headers["content-disposition"].startswith("attachment; filename*=UTF-8''recall-")
    assert "持有方 Holder" in table.content.decode("utf-8-sig").splitlines()[0]
    book = load_workbook(io.BytesIO(recalled.get(f"{LIST}?format=xlsx", as_="farm").content))
    assert book.sheetnames[0] == "holders"
    fsma = load_workbook(io.BytesIO(recalled.get(f"{LIST}?format=fsma", as_="farm").content))
    assert "Transformation" in fsma.sheetnames
    serials = recalled.get(LIST.replace("affected", "items"), as_="farm").text.splitlines()
    assert serials == ["gtin,lot,serial", *(f"{SALAD},{LOT},{one}" for one in recalled.scene.serials)]


@pytest.mark.parametrize(("lang", "says"), [("zh", "谁持有多少"), ("en", "Who holds how much")])
def test_page_tells_who_holds_how_much(recalled: Served, lang: str, says: str) -> None:
    page = recalled.page(LIST, lang, as_="farm")
    assert page.status_code == 200
    assert says in page.text
    assert "listeria" in page.text
    assert 'scope="col"' in page.text
    assert "format=fsma" in page.text


def test_page_of_a_drill_says_that_it_is_one(recalled: Served) -> None:
    page = recalled.page(f"/recalls/{SALAD}/{LOT}/affected?drill=true", as_="processor")
    assert "Nobody is told and nothing is recorded" in page.text
    assert "drill=true&amp;format=csv" in page.text


def test_scan_page_leads_the_owner_there_and_nobody_else(recalled: Served) -> None:
    path = f"/scan/01/{LETTUCE}/10/ABC1234"
    assert f'href="{LIST}"' in recalled.page(path, as_="farm").text
    assert f'href="{LIST}"' in recalled.page(path, as_="cooler").text
    assert LIST not in recalled.page(path, as_="distributor").text
    assert LIST not in recalled.page(path).text
    assert (
        f"/recalls/{SALAD}/{LOT}/affected?drill=true"
        in recalled.page(f"/scan/01/{SALAD}/10/{LOT}", as_="processor").text
    )


def test_command_prints_the_list_and_writes_the_files(
    recalled: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(recalled.scene.ledger.home.path)]
    files = [f"--{kind}={tmp_path / kind}" for kind in ("csv", "xlsx", "fsma", "items")]
    assert run(["recall", "list", LETTUCE, "ABC1234", *files, "--json", *home]) == 0
    assert json.loads(capsys.readouterr().out) == recalled.get(LIST, as_="farm").json()
    assert (tmp_path / "items").read_text(encoding="utf-8").count(LOT) == 5
    assert load_workbook(io.BytesIO((tmp_path / "fsma").read_bytes())).sheetnames[0] == "Harvesting"
    assert run(["recall", "list", SALAD, LOT, *home]) == 1
    assert "--drill" in capsys.readouterr().err
    assert run(["recall", "list", SALAD, LOT, "--drill", *home]) == 0
    assert "Drill:" in capsys.readouterr().out


def test_drill_writes_nothing(served: Served, corpora: Path) -> None:
    scene: Scene = served.scene
    scene.state("farm", (corpora / "epcis" / "fsma204" / "harvest-cte.jsonld").read_bytes())
    before = scene.block
    assert served.get(f"{LIST}?drill=true", as_="farm").status_code == 200
    with scene.ledger.engine.connect() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (outbox, recall, webhook_message)
        ]
        newest = connection.execute(select(func.max(feed.c.block))).scalar_one()
    assert counts == [0, 0, 0]
    assert newest == before
