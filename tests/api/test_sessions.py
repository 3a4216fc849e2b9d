"""Who may ask: bearer tokens for programs, a strict cookie for browsers."""

from __future__ import annotations

from api_scene import Served

FORM = {"Accept": "text/html"}


def own_origin(quiet: Served) -> dict[str, str]:
    return {**FORM, "Origin": quiet.url}


def test_request_without_a_session_is_told_how_to_get_one(quiet: Served) -> None:
    answer = quiet.get("/grants")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_token_that_is_none_is_refused(quiet: Served) -> None:
    for header in ("Bearer abc", "Bearer", "Basic Zm9vOmJhcg==", "abc"):
        assert quiet.get("/grants", headers={"Authorization": header}).status_code == 401


def test_token_for_another_service_is_refused(quiet: Served) -> None:
    token = quiet.scene.token("farm", audience=quiet.scene.accounts["bank"])
    answer = quiet.get("/grants", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert "another service" in answer.json()["detail"]


def test_expired_token_is_refused(quiet: Served) -> None:
    token = quiet.scene.token("farm", seconds=-10)
    assert quiet.get("/grants", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_session_that_does_not_cover_the_act_is_refused(quiet: Served) -> None:
    headers = quiet.scene.bearer("merchant", scope="capture")
    answer = quiet.post("/orders", headers=headers, json=[])
    assert answer.status_code == 403
    assert "--scope orders" in answer.json()["hint"]


def test_sign_in_from_another_website_is_refused(quiet: Served) -> None:
    for origin in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        answer = quiet.post("/login", headers={**FORM, **origin}, data={"token": quiet.scene.token("farm")})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_sign_in_with_a_bad_token_says_why(quiet: Served) -> None:
    answer = quiet.post("/login", headers=own_origin(quiet), data={"token": "nonsense"})
    assert answer.status_code == 401
    assert "not a session token" in answer.text
    assert "set-cookie" not in answer.headers


def test_sign_in_sets_a_cookie_out_of_reach_of_scripts_and_other_sites(quiet: Served) -> None:
    answer = quiet.post("/login", headers=own_origin(quiet), data={"token": quiet.scene.token("merchant")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/merchant/merchant")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_sign_in_leads_nowhere_else(quiet: Served) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        data = {"token": quiet.scene.token("farm"), "next": elsewhere}
        assert quiet.post("/login", headers=own_origin(quiet), data=data).headers["location"] == "/log"
    data = {"token": quiet.scene.token("farm"), "next": "/members"}
    assert quiet.post("/login", headers=own_origin(quiet), data=data).headers["location"] == "/members"


def test_write_with_a_cookie_from_another_website_is_refused(quiet: Served) -> None:
    said = {"amount_fen": 1, "reference": "x"}
    for origin in ({"Origin": "https://evil.example"}, {}):
        answer = quiet.page("/withdrawals", as_="merchant", method="POST", json=said, headers=origin)
        assert answer.status_code == 403
    answer = quiet.page("/withdrawals", as_="merchant", method="POST", json=said, headers={"Origin": quiet.url})
    assert answer.status_code == 400  # heard, and refused for want of credit


def test_sign_out_forgets_the_cookie(quiet: Served) -> None:
    answer = quiet.page("/logout", as_="farm", method="POST", headers={"Origin": quiet.url})
    assert answer.status_code == 303
    assert 'suyuan_session=""' in answer.headers["set-cookie"]


def test_page_forgets_a_cookie_that_ran_out(quiet: Served) -> None:
    cookie = {"Cookie": f"suyuan_session={quiet.scene.token('farm', seconds=-5)}"}
    assert quiet.page("/members", headers=cookie).status_code == 200
    assert quiet.page("/log", headers=cookie).status_code == 401
