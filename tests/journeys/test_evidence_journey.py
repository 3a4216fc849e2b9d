"""The evidence line from end to end: seven real documents, handed in by the parties that would, until a shopper scans a pack.

Through the public surfaces only: commands, routes and the label sheet's QR code.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import zxingcpp
from journey_world import World
from PIL import Image

from ledger.trace.labels import qr_png

SALAD_GTIN, SALAD_LOT = "10860009998039", "SALAD-20260420-A"
HANDED_IN = {
    "harvest": ("farm", 2),
    "cooling": ("cooler", 3),
    "initial-packing": ("packer", 5),
    "shipping": ("packer", 3),
    "receiving": ("distributor", 2),
    "transformation": ("processor", 1),
    "first-land-based-receiver": ("fishery", 1),
}


@pytest.fixture(scope="module")
def fsma204(corpora: Path) -> Callable[[str], Path]:
    return lambda name: corpora / "epcis" / "fsma204" / f"{name}-cte.jsonld"


@pytest.fixture(scope="module")
def captured(world: World, fsma204: Callable[[str], Path], eventually: Callable[[Callable[[], Any]], Any]) -> World:
    """All seven documents captured: the first over HTTP, the others by command."""
    answer = world.http.post(
        "/epcis/capture",
        content=fsma204("harvest").read_bytes(),
        headers={**world.bearer("farm"), "Content-Type": "application/ld+json"},
    )
    assert answer.status_code == 202, answer.text
    job = answer.headers["Location"]
    assert job.startswith("/epcis/capture/")
    eventually(lambda: _all_final(world.http.get(job, headers=world.bearer("farm")).json()))
    for name, (member, events) in list(HANDED_IN.items())[1:]:
        (report,) = world.suyuan("capture", str(fsma204(name)), "--as", member)["files"]
        assert [event["outcome"] for event in report["events"]] == ["accepted"] * events
    return world


def _all_final(job: dict[str, Any]) -> bool:
    return bool(job["success"]) if "success" in job else all(event["state"] == "final" for event in job["events"])


@pytest.fixture(scope="module")
def journey(captured: World) -> Any:
    return captured.suyuan("trace", "--lot", SALAD_LOT)


@pytest.fixture(scope="module")
def labelled(captured: World, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Item codes for the lot, with their label sheet."""
    return captured.suyuan(
        *("items", "make", "--as", "processor", "--gtin", SALAD_GTIN, "--lot", SALAD_LOT),
        *("--count", "5", "--batch", "first", "--sheet", str(tmp_path_factory.mktemp("labels"))),
    )


def test_a_repeat_changes_nothing_and_says_so(captured: World, fsma204: Callable[[str], Path]) -> None:
    before = captured.suyuan("index", "digest")
    (report,) = captured.suyuan("capture", str(fsma204("shipping")), "--as", "packer")["files"]
    assert [event["outcome"] for event in report["events"]] == ["repeated"] * 3
    assert captured.suyuan("index", "digest") == before


def test_the_journey_runs_from_the_field_to_the_salad(journey: Any) -> None:
    told = [(step["who"]["slug"], step["biz_step"]) for step in journey["steps"]]
    for expected in (
        ("farm", "creating_class_instance"),
        ("farm", "transporting"),
        ("cooler", "receiving"),
        ("packer", "receiving"),
        ("packer", "packing"),
        ("packer", "shipping"),
        ("distributor", "receiving"),
        ("processor", "creating_class_instance"),
    ):
        assert expected in told
    assert "fishery" not in {slug for slug, _ in told}
    assert told[-1] in {("processor", "creating_class_instance"), ("distributor", "receiving")}


def test_a_lot_number_of_two_products_tells_both(captured: World) -> None:
    told = captured.suyuan("trace", "--lot", "ABC1234")["journeys"]
    assert {journey["gtin"] for journey in told} == {"00860009999923", "10860009999920"}
    assert captured.suyuan("trace", "--lot", "ABC1234", "--gtin", "10860009999920")["gtin"] == "10860009999920"


def test_each_claim_is_graded_by_who_vouches_for_it(journey: Any) -> None:
    cooling = [step for step in journey["steps"] if step["sensors"]]
    assert {step["grade"] for step in cooling} == {"measured"}
    left_the_field = [
        step for step in journey["steps"] if step["who"]["slug"] == "farm" and step["biz_step"] == "transporting"
    ]
    assert [(step["grade"], sorted(step["said_by"])) for step in left_the_field] == [("attested", ["farm", "packer"])]
    of_another = [step for step in journey["steps"] if step["said_of"]]
    assert {(tuple(step["said_by"]), step["said_of"]) for step in of_another} == {(("distributor",), "packer")}


def test_the_page_tells_what_does_not_add_up(journey: Any) -> None:
    findings = {finding["kind"]: finding for finding in journey["findings"]}
    kinds = [finding["kind"] for finding in journey["findings"]]
    assert sorted(kinds) == sorted(
        ["same_id_two_contents", "received_more_than_shipped", "received_before_harvested", "no_origin", "no_origin"]
    )
    assert set(findings["same_id_two_contents"]["members"]) == {"packer", "distributor"}
    assert "475" in findings["received_more_than_shipped"]["sentence"]["en"]
    without_origin = [
        lot for finding in journey["findings"] if finding["kind"] == "no_origin" for lot in finding["lots"]
    ]
    assert {"10860009998022/DEF2345", "10860009999920/ABC5678"} <= set(without_origin)
    hashes = {account["event_hash"] for step in journey["steps"] for account in step["accounts"]}
    for finding in journey["findings"]:
        assert finding["events"]
        assert set(finding["events"]) <= hashes


def test_another_members_word_on_the_same_event_is_a_second_statement(
    captured: World, fsma204: Callable[[str], Path]
) -> None:
    (report,) = captured.suyuan("capture", str(fsma204("transformation")), "--as", "certifier")["files"]
    assert [event["outcome"] for event in report["events"]] == ["accepted"]
    journey = captured.suyuan("trace", "--lot", SALAD_LOT)
    (made,) = [step for step in journey["steps"] if step["who"]["slug"] == "processor"]
    assert made["grade"] == "attested"
    assert set(made["said_by"]) == {"processor", "certifier"}


def test_the_chain_holds_commitments_that_open_to_the_hashes(
    captured: World, fsma204: Callable[[str], Path], journey: Any
) -> None:
    hashes = {line["hash"] for line in captured.suyuan("event-hash", str(fsma204("harvest")))}
    told = {account["ni"] for step in journey["steps"] for account in step["accounts"]}
    assert hashes <= told


def test_the_rows_can_be_rebuilt_from_block_0(captured: World) -> None:
    before = captured.suyuan("index", "digest")["digest"]
    assert captured.suyuan("index", "rebuild")["digest"] == before
    assert captured.suyuan("index", "status")["ok"] is True


def test_a_label_is_read_back_and_leads_to_the_pack(labelled: Any, captured: World) -> None:
    uri = labelled["uris"][0]
    picture = Image.open(io.BytesIO(qr_png(uri)))
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == uri
    assert re.fullmatch(rf"{captured.api_url}/01/{SALAD_GTIN}/10/{SALAD_LOT}/21/[0-9A-HJKMNP-TV-Z]{{20}}", uri)
    redirect = captured.http.get(uri)
    assert redirect.status_code == 307
    page = captured.http.get(redirect.headers["Location"], headers={"Accept-Language": "zh-CN"})
    assert page.status_code == 200
    assert 'lang="zh-Hans"' in page.text
    assert "绿谷农场" in page.text
    assert "DEF2345" in page.text
    assert len(page.content) < 100_000


def test_anyone_can_verify_a_pack(labelled: Any, captured: World) -> None:
    verified = captured.suyuan("verify", labelled["uris"][1])
    assert verified["verdict"] == "genuine"
    assert verified["chain_asked"] is True
    assert all(step["holds"] for step in verified["steps"])


@pytest.mark.parametrize(
    ("verdict", "change"),
    [
        ("forged", lambda uri: uri[:-1] + ("0" if uri[-1] != "0" else "1")),
        ("other_lot", lambda uri: uri.replace(SALAD_LOT, "SALAD-20260421-A")),
        ("forged", lambda uri: uri[:-20] + "0123456789ABCDEFGHJK"),
    ],
)
def test_a_code_that_is_not_right_gets_a_page_that_says_so(
    labelled: Any, captured: World, verdict: str, change: Callable[[str], str]
) -> None:
    uri = change(labelled["uris"][2])
    status, verified = captured.ask("verify", uri)
    assert (status, verified["verdict"]) == (1, verdict)
    page = _followed(captured.http, uri)
    assert page.status_code == 404
    assert "text/html" in page.headers["Content-Type"]


def test_a_recalled_lot_says_so_at_the_next_block(labelled: Any, captured: World) -> None:
    assert captured.refused(
        "recall", "open", "--as", "farm", "--gtin", SALAD_GTIN, "--lot", SALAD_LOT, "--reason", "listeria"
    ).endswith("may not recall GTIN 10860009998039.")
    for _ in range(2):  # a repeat changes nothing
        captured.suyuan(
            "recall",
            "open",
            "--as",
            "processor",
            "--gtin",
            SALAD_GTIN,
            "--lot",
            SALAD_LOT,
            "--reason",
            "检出李斯特菌 listeria found",
        )
    uri = labelled["uris"][3]
    status, verified = captured.ask("verify", uri)
    assert (status, verified["verdict"]) == (1, "recalled")
    assert "检出李斯特菌" in _followed(captured.http, uri).text
    captured.suyuan("recall", "close", "--as", "processor", "--gtin", SALAD_GTIN, "--lot", SALAD_LOT)
    assert captured.suyuan("verify", uri)["verdict"] == "genuine"


def test_a_farmer_logs_a_batch_under_a_grant_until_it_is_revoked(
    captured: World, eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    """The form's statement is sent by the API's own account: the contract checks the grant each time."""
    entry = {"product": "00860009999923", "lot": "FIELD-7", "quantity": "250", "unit": "KGM", "place": "0860009999060"}
    entry |= {"at": "2026-04-18T02:00:00.000Z", "zone": "+08:00"}

    def send(lot: str) -> httpx.Response:
        headers = {**captured.bearer("farm"), "Accept": "application/json"}
        return captured.http.post("/log", data={**entry, "lot": lot}, headers=headers)

    refused = send("FIELD-7")
    assert refused.status_code == 403
    assert "grant" in refused.json()["detail"]
    captured.suyuan("grant", "--as", "farm")
    assert captured.suyuan("grant", "--as", "farm")["repeated"] is True
    assert send("FIELD-7").json()["outcome"] == "recorded"
    eventually(lambda: captured.ask("trace", "--lot", "FIELD-7")[0] == 0)
    (step,) = captured.suyuan("trace", "--lot", "FIELD-7")["steps"]
    (statement,) = step["accounts"][0]["statements"]
    assert (statement["member"], bool(statement["under_grant"])) == ("farm", True)
    assert send("FIELD-7").json()["outcome"] == "repeated"
    (grant,) = captured.http.get("/grants", headers=captured.bearer("farm")).json()["grants"]
    revoked = captured.http.delete(f"/grants/{grant['grant_hash']}", headers=captured.bearer("farm"))
    assert revoked.status_code == 202
    assert send("FIELD-8").status_code == 403
    eventually(
        lambda: captured.http.get("/grants", headers=captured.bearer("farm")).json()["grants"][0]["revoked_block"]
    )


def test_a_member_without_the_role_records_nothing(captured: World, fsma204: Callable[[str], Path]) -> None:
    before = captured.suyuan("index", "digest")
    assert "may not record events" in captured.refused("capture", str(fsma204("harvest")), "--as", "creator")
    answer = captured.http.post(
        "/epcis/capture", content=fsma204("harvest").read_bytes(), headers=captured.bearer("creator")
    )
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert captured.suyuan("index", "digest") == before


def test_nothing_is_written_without_a_session(captured: World, fsma204: Callable[[str], Path]) -> None:
    answer = captured.http.post("/epcis/capture", content=fsma204("harvest").read_bytes())
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"


def _followed(http: httpx.Client, uri: str) -> httpx.Response:
    return http.get(uri, headers={"Accept": "text/html"}, follow_redirects=True)
