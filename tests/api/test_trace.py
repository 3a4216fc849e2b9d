"""A journey as JSON, and the verification of a code."""

from __future__ import annotations

import json

from api_scene import CASES, LETTUCE, SALAD, Served
from test_capture import a_document, a_harvest

LOT = "SALAD-20260420-A"


def test_unknown_lot_is_not_found(lettuce: Served) -> None:
    assert lettuce.get("/trace?lot=NOWHERE").status_code == 404
    assert lettuce.get(f"/trace?lot=NOWHERE&gtin={SALAD}").status_code == 404


def test_gtin_with_a_wrong_check_digit_is_refused(lettuce: Served) -> None:
    answer = lettuce.get(f"/trace?lot={LOT}&gtin={SALAD[:-1]}0")
    assert answer.status_code == 400
    assert answer.json()["where"] == "query gtin"


def test_lot_number_of_several_products_asks_which(lettuce: Served) -> None:
    answer = lettuce.get("/trace?lot=ABC1234")
    assert answer.status_code == 400
    assert LETTUCE in answer.json()["hint"]
    assert CASES in answer.json()["hint"]


def test_journey_tells_steps_findings_and_inputs(lettuce: Served) -> None:
    journey = lettuce.get(f"/trace?lot={LOT}").json()
    assert journey["gtin"] == SALAD
    assert {finding["kind"] for finding in journey["findings"]} >= {
        "same_id_two_contents",
        "received_more_than_shipped",
        "no_origin",
    }
    assert all(step["grade"] in ("measured", "attested", "declared", "reported") for step in journey["steps"])


def test_salts_of_a_lot_that_leads_to_no_codes_are_for_its_signer(served: Served) -> None:
    served.scene.state("farm", json.dumps(a_document(a_harvest())).encode())

    def salts(asking: str | None) -> list[str | None]:
        journey = served.get("/trace?lot=L1", as_=asking).json()
        return [said["salt"] for step in journey["steps"] for one in step["accounts"] for said in one["statements"]]

    assert salts(None) == [None]
    assert salts("cooler") == [None]
    assert [bool(salt) for salt in salts("farm")] == [True]


def test_genuine_code_verifies_and_says_that_the_chain_was_not_asked(lettuce: Served) -> None:
    uri = f"https://example.org/01/{SALAD}/10/{LOT}/21/{lettuce.scene.serials[0]}"
    answer = lettuce.get("/verify", params={"uri": uri})
    assert answer.status_code == 200
    said = answer.json()
    assert (said["verdict"], said["holds"], said["chain_asked"]) == ("genuine", True, False)


def test_forged_code_is_not_found(lettuce: Served) -> None:
    serial = lettuce.scene.serials[0]
    forged = serial[:-1] + ("0" if serial[-1] != "0" else "1")
    answer = lettuce.get("/verify", params={"uri": f"https://example.org/01/{SALAD}/10/{LOT}/21/{forged}"})
    assert (answer.status_code, answer.json()["verdict"]) == (404, "forged")


def test_address_that_is_no_digital_link_is_refused(lettuce: Served) -> None:
    assert lettuce.get("/verify", params={"uri": "https://example.org/"}).status_code == 400
