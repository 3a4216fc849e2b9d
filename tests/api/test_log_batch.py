"""Logging a batch with the form: five fields, under a grant, twice is once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from api_scene import LETTUCE, Served
from sqlalchemy import func, select

from api.pages.batch_entry import read_entry
from ledger.index import events as chain
from ledger.store.schema import outbox

FIELD = "0860009999060"
NOW = datetime(2026, 4, 17, 3, 0, tzinfo=UTC)


@pytest.fixture
def granted(served: Served) -> Served:
    """The farm has signed in and given the website a grant."""
    answer = served.post("/grants", as_="farm", json=served.scene.signed_grant("farm"))
    assert answer.status_code == 201
    return served


def an_entry(**other: str) -> dict[str, str]:
    return {
        "product": LETTUCE, "lot": "FIELD-3", "quantity": "250", "unit": "KGM", "place": FIELD,
        "at": "2026-04-17T02:59:00.000Z", "zone": "+08:00", **other,
    }  # fmt: skip


def send(served: Served, entry: dict[str, str], **headers: str) -> httpx.Response:
    return served.page("/log", as_="farm", method="POST", data=entry, headers={"Origin": served.url, **headers})


def queued(served: Served) -> int:
    with served.scene.ledger.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(outbox)).scalar_one()


def test_nobody_logs_without_a_session(served: Served) -> None:
    assert served.page("/log").status_code == 401
    assert served.page("/log", method="POST", data=an_entry(), headers={"Origin": served.url}).status_code == 401


def test_form_sent_by_another_website_is_refused(granted: Served) -> None:
    assert send(granted, an_entry(), Origin="https://evil.example").status_code == 403
    assert queued(granted) == 0


def test_member_without_an_evidence_role_is_told(served: Served) -> None:
    page = served.page("/log", as_="bank")
    assert "no role that may record" in page.text
    assert "<form class" not in page.text


def test_without_a_grant_the_page_explains_what_is_missing(served: Served) -> None:
    assert "A grant is missing" in served.page("/log", as_="farm").text
    assert send(served, an_entry()).status_code == 403
    assert queued(served) == 0


def test_revoked_grant_is_used_no_more(granted: Served) -> None:
    grant = granted.scene.grant_hash(granted.scene.signed_grant("farm"))
    granted.scene.emit(chain.GrantRevoked(grant, granted.scene.numbers["farm"]))
    assert send(granted, an_entry()).status_code == 403


def test_faulty_field_is_marked_and_nothing_is_recorded(granted: Served) -> None:
    page = send(granted, an_entry(lot="HAS SPACE", quantity="many"))
    assert page.status_code == 422
    assert page.text.count('aria-invalid="true"') == 2
    assert 'aria-describedby="lot-fault lot-hint"' in page.text
    assert queued(granted) == 0


def test_faults_keep_what_was_filled_in(granted: Served) -> None:
    page = send(granted, an_entry(quantity="many"))
    assert 'value="FIELD-3"' in page.text
    assert 'value="2026-04-17T02:59:00.000Z"' in page.text


def test_script_is_told_of_faults_in_its_language(granted: Served) -> None:
    answer = send(granted, an_entry(quantity="many"), Accept="application/json", **{"Accept-Language": "zh-CN"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "数量" in answer.json()["detail"]


def test_form_has_at_most_five_fields_to_fill_in(granted: Served) -> None:
    page = granted.page("/log", as_="farm").text
    form = page.split('id="log"')[1].split("</form>")[0]
    fields = re.findall(r"<(?:input|select|textarea)(?![^>]*hidden)[^>]*name=\"(\w+)\"", form)
    assert "nothing was recorded" not in page
    assert fields == ["product", "lot", "quantity", "unit", "place"]
    assert all(f'<label for="{name}">' in form for name in fields)
    assert "10860009998039" not in form  # only its own products


def test_entry_is_recorded_under_the_grant_and_stands_on_the_chain(granted: Served) -> None:
    answer = send(granted, an_entry())
    assert answer.status_code == 303
    done = granted.page(answer.headers["location"], as_="farm")
    assert "Lot FIELD-3 is recorded" in done.text
    assert "on its way to the chain" in done.text
    with granted.scene.ledger.engine.connect() as connection:
        row = connection.execute(select(outbox)).one()
    assert (row.function, row.account, row.authority) == ("recordFor", granted.scene.ledger.relay_account, None)
    granted.scene.record_queued()
    assert "stands on the chain" in granted.page(answer.headers["location"], as_="farm").text
    journey = granted.get(f"/trace?lot=FIELD-3&gtin={LETTUCE}").json()
    assert [item["quantity"] for item in journey["steps"][0]["goods"]] == ["250"]


def test_pressing_twice_changes_nothing_and_says_so(granted: Served) -> None:
    first, again = send(granted, an_entry()), send(granted, an_entry())
    assert (first.status_code, again.status_code) == (303, 303)
    page = granted.page(again.headers["location"], as_="farm", lang="zh-CN")
    assert "之前已经登记过" in page.text
    assert queued(granted) == 1


def test_script_hears_whether_it_was_new(granted: Served) -> None:
    said = [send(granted, an_entry(), Accept="application/json").json()["outcome"] for _ in range(2)]
    assert said == ["recorded", "repeated"]


def test_result_is_its_members_alone(granted: Served) -> None:
    location = send(granted, an_entry()).headers["location"]
    assert granted.page(location, as_="cooler").status_code == 404


# --- the entry itself ---


def read(**other: str) -> tuple[Any, dict[str, bool]]:
    return read_entry(an_entry(**other), {LETTUCE}, {FIELD}, NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("product", "10860009998039"),  # the processor's
        ("product", ""),
        ("lot", ""),
        ("lot", "HAS SPACE"),
        ("lot", "X" * 21),
        ("quantity", "0"),
        ("quantity", "-3"),
        ("quantity", "12.1234567"),
        ("quantity", "1e3"),
        ("quantity", "many"),
        ("quantity", "12,5"),  # twelve and a half to some, never a hundred and twenty-five
        ("quantity", "1,2500"),
        ("quantity", "1,250.1234567"),
        ("unit", "FURLONG"),
        ("place", "0860009998018"),  # the processor's
    ],
)
def test_field_that_cannot_be_is_named(field: str, value: str) -> None:
    assert read(**{field: value}) == (None, {field: True})


def test_entry_from_the_future_or_without_a_zone_is_refused() -> None:
    for at in ("2026-04-17T03:06:00Z", "2026-04-17T02:59:00", "yesterday", "", "1999-01-01T00:00:00Z"):
        assert read(at=at)[1] == {"at": True}
    for zone in ("+8", "CST", "+25:00", ""):
        assert read(zone=zone)[1] == {"at": True}


def test_clock_that_runs_a_little_ahead_is_borne() -> None:
    assert read(at=(NOW + timedelta(minutes=4)).isoformat())[0] is not None


@pytest.mark.parametrize(
    ("quantity", "unit", "expected"),
    [
        ("250", "KGM", ("250", "KGM")),
        ("1,250.50", "KGM", ("1250.5", "KGM")),
        ("1，250", "KGM", ("1250", "KGM")),
        ("1,250,000", "KGM", ("1250000", "KGM")),
        ("501", "JIN", ("250.5", "KGM")),
        ("12", "EA", ("12", None)),
        ("0.000001", "TNE", ("0.000001", "TNE")),
    ],
)
def test_quantity_is_exact_in_standard_units(quantity: str, unit: str, expected: tuple[str, str | None]) -> None:
    entry, faults = read(quantity=quantity, unit=unit)
    assert faults == {}
    assert (entry.quantity, entry.uom) == expected


def test_document_is_a_function_of_the_entry() -> None:
    assert read()[0].document() == read()[0].document()
    assert b'"quantity":0.1,' in read(quantity="0.10")[0].document().replace(b" ", b"")
