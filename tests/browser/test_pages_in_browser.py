"""Signing in, logging from a field without signal, and a merchant's page that updates itself, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from api_scene import LETTUCE, Served
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from ledger.store.schema import outbox

pytestmark = pytest.mark.heavy


def queued(served: Served) -> int:
    with served.scene.ledger.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(outbox)).scalar_one()


def fill_in(page: Page, lot: str = "FIELD-3") -> None:
    page.locator("#lot").fill(lot)
    page.locator("#quantity").fill("250")
    page.locator("#log button").click()


@pytest.fixture
def granted(served: Served) -> Served:
    assert served.post("/grants", as_="farm", json=served.scene.signed_grant("farm")).status_code == 201
    return served


# --- signing in ---


def test_link_signs_in_and_leaves_no_token_in_the_address(served: Served, phone_for: Callable[..., Any]) -> None:
    token = served.scene.token("merchant")
    phone = phone_for(served, "en")
    page = phone.open(f"/login?next=/merchant/merchant#{token}")
    expect(page.locator("h1")).to_contain_text("orders and settlement")
    assert token not in page.url
    assert all(token not in url for url in phone.asked)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_token_can_be_pasted_without_scripts(served: Served, phone_for: Callable[..., Any]) -> None:
    page = phone_for(served, "zh-CN", scripts=False).open("/login")
    page.get_by_label("会话").fill(served.scene.token("farm"))
    page.get_by_role("button", name="登录").click()
    expect(page.locator("h1")).to_contain_text("登记一个批次")


# --- the farmer ---


def test_batch_is_logged_without_scripts_and_twice_is_once(granted: Served, phone_for: Callable[..., Any]) -> None:
    phone = phone_for(granted, "en", scripts=False)
    phone.sign_in("farm")
    page = phone.open("/log")
    fill_in(page)
    expect(page.locator("h1")).to_contain_text("Lot FIELD-3 is recorded")
    page.go_back()
    fill_in(page)
    expect(page.locator("h1")).to_contain_text("was recorded before")
    assert queued(granted) == 1


def test_entry_made_without_a_network_is_sent_once_when_it_returns(
    granted: Served, phone_for: Callable[..., Any]
) -> None:
    phone = phone_for(granted, "zh-CN")
    phone.sign_in("farm")
    page = phone.open("/log")
    phone.context.set_offline(True)
    fill_in(page)
    expect(page.locator("#news")).to_contain_text("已存在这台手机上")
    expect(page.locator("#waiting li")).to_have_count(1)
    assert queued(granted) == 0
    phone.context.set_offline(False)
    expect(page.locator("#news")).to_contain_text("批次 FIELD-3：已登记")
    expect(page.locator("#waiting")).to_be_hidden()
    assert queued(granted) == 1


def test_answer_that_is_lost_on_its_way_doubles_nothing(granted: Served, phone_for: Callable[..., Any]) -> None:
    """The server has recorded it, the phone never heard: after a new start it sends again, and hears that it was there."""
    phone = phone_for(granted, "en")
    phone.sign_in("farm")
    page = phone.open("/log")

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/log/entries", lose_the_answer)
    fill_in(page)
    expect(page.locator("#news")).to_contain_text("Kept on this phone")
    assert queued(granted) == 1
    page.close()
    again = phone.open("/log")
    expect(again.locator("#news")).to_contain_text("was recorded before; nothing was added")
    assert queued(granted) == 1


def test_refused_entry_is_told_and_kept_no_longer(granted: Served, phone_for: Callable[..., Any]) -> None:
    phone = phone_for(granted, "en")
    phone.sign_in("farm")
    page = phone.open("/log")
    fill_in(page, "HAS SPACE")
    expect(page.locator("#news")).to_contain_text("HAS SPACE was not recorded: A lot number has")
    expect(page.locator("#waiting")).to_be_hidden()
    assert queued(granted) == 0


# --- the merchant ---


def test_merchants_page_updates_itself_when_a_payout_arrives(served: Served, phone_for: Callable[..., Any]) -> None:
    legs = served.scene.a_rule()
    served.scene.place("1001", 12345)
    served.scene.place("1002", 2999)
    served.scene.pay("1001", legs)
    phone = phone_for(served, "en")
    phone.sign_in("merchant")
    page = phone.open("/merchant/merchant")
    expect(page.locator("#available")).to_have_text("¥0.00")
    order = page.locator('[data-number="1001"]')
    order.locator("summary").click()
    page.evaluate("window.same = true")
    served.scene.deliver_and_settle("1001", legs)
    expect(page.locator("#available")).to_have_text("¥108.34")
    expect(page.locator("#news")).to_contain_text("Order 1001: settled")
    expect(order.locator("summary")).to_contain_text("settled")
    assert order.get_attribute("open") is not None  # what was open stays open
    assert page.evaluate("window.same") is True  # it was not loaded anew
    served.scene.pay("1002", legs)
    expect(page.locator('[data-number="1002"] summary')).to_contain_text("paid")
    assert phone.complaints == []


def test_merchants_page_is_whole_without_scripts(served: Served, phone_for: Callable[..., Any]) -> None:
    legs = served.scene.a_rule()
    served.scene.place("1001", 12345)
    served.scene.pay("1001", legs)
    served.scene.deliver_and_settle("1001", legs)
    phone = phone_for(served, "zh-CN", scripts=False)
    phone.sign_in("merchant")
    page = phone.open("/merchant/merchant")
    page.locator("summary").first.click()
    expect(page.get_by_text("其余各项分完后剩下的全部")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_stranger_is_sent_to_sign_in_and_comes_back(served: Served, phone_for: Callable[..., Any]) -> None:
    page = phone_for(served, "en").open("/log")
    page.get_by_role("link", name="Sign in").last.click()
    assert page.locator('input[name="next"]').input_value() == "/log"
    assert LETTUCE not in page.content()
