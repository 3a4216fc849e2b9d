"""The address in a QR code, as GS1-Conformant resolvers answer it."""

from __future__ import annotations

import pytest
from api_scene import SALAD, Served


@pytest.mark.parametrize("path", [f"/01/{SALAD[:-1]}0", f"/01/{SALAD}/foo", "/01/123", f"/01/{SALAD}/10/", "/01/"])
def test_address_that_is_no_digital_link_is_refused(lettuce: Served, path: str) -> None:
    if path.endswith("/10/"):
        path += "A B"
    answer = lettuce.get(path)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_person_gets_a_page_for_a_wrong_check_digit(lettuce: Served) -> None:
    answer = lettuce.page(f"/01/{SALAD[:-1]}0", "zh-CN")
    assert answer.status_code == 400
    assert "校验位" in answer.text
    assert lettuce.page(f"/scan/01/{SALAD}/foo", "en").status_code == 400


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [
        f"/01/{SALAD}",
        f"/01/{SALAD}/10/SALAD-20260420-A",
        f"/01/{SALAD}/21/0123456789ABCDEFGHJK",
        f"/01/{SALAD}/10/A%2FB/21/0123456789ABCDEFGHJK",
    ],
)
def test_code_leads_to_its_page_with_the_query_passed_on(lettuce: Served, method: str, path: str) -> None:
    answer = lettuce.ask(method, path + "?a=b&lang=zh")
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{lettuce.url}/scan{path}?a=b&lang=zh"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_slash_at_the_end_changes_nothing(lettuce: Served) -> None:
    assert lettuce.get(f"/01/{SALAD}/10/A/").headers["location"] == f"{lettuce.url}/scan/01/{SALAD}/10/A"


def test_any_origin_may_ask_what_is_possible(lettuce: Served) -> None:
    answer = lettuce.ask("OPTIONS", f"/01/{SALAD}/10/A")
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert answer.headers["access-control-allow-origin"] == "*"
