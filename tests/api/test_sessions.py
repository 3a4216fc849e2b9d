"""Who may ask: bearer tokens for programs, a strict cookie for browsers."""

from __future__ import annotations

from api_scene import Served

FORM = {"Accept": "text/html"}


def own_origin(served: Served) -> dict[str, str]:
    return {**FORM, "Origin": served.url}


def test_request_without_a_session_is_told_how_to_get_one(served: Served) -> None:
    answer = served.get("/grants")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_token_that_is_none_is_refused(served: Served) -> None:
    for header in ("Bearer abc", "Bearer", "Basic Zm9vOmJhcg==", "abc"):
        assert served.get("/grants", headers={"Authorization": header}).status_code == 401


def test_token_for_another_service_is_refused(served: Served) -> None:
    token = served.scene.token("farm", audience=served.scene.accounts["bank"])
    answer = served.get("/grants", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert "another service" in answer.json()["detail"]


def test_expired_token_is_refused(served: Served) -> None:
    token = served.scene.token("farm", seconds=-10)
    assert served.get("/grants", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_session_that_does_not_cover_the_act_is_refused(served: Served) -> None:
    headers = served.scene.bearer("merchant", scope="capture")
    answer = served.post("/orders", headers=headers, json=[])
    assert answer.status_code == 403
    assert "--scope orders" in answer.json()["hint"]


def test_sign_in_from_another_website_is_refused(served: Served) -> None:
    for origin in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        answer = served.post("/login", headers={**FORM, **origin}, data={"token": served.scene.token("farm")})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_sign_in_with_a_bad_token_says_why(served: Served) -> None:
    answer = served.post("/login", headers=own_origin(served), data={"token": "nonsense"})
    assert answer.status_code == 401
    assert "not a session token" in answer.text
    assert "set-cookie" not in answer.headers


def test_sign_in_sets_a_cookie_out_of_reach_of_scripts_and_other_sites(served: Served) -> None:
    answer = served.post("/login", headers=own_origin(served), data={"token": served.scene.token("merchant")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/merchant/merchant")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_sign_in_leads_nowhere_else(served: Served) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        data = {"token": served.scene.token("farm"), "next": elsewhere}
        assert served.post("/login", headers=own_origin(served), data=data).headers["location"] == "/log"
    data = {"token": served.scene.token("farm"), "next": "/members"}
    assert served.post("/login", headers=own_origin(served), data=data).headers["location"] == "/members"


def test_write_with_a_cookie_from_another_website_is_refused(served: Served) -> None:
    said = {"amount_fen": 1, "reference": "x"}
    for origin in ({"Origin": "https://evil.example"}, {}):
        answer = served.page("/withdrawals", as_="merchant", method="POST", json=said, headers=origin)
        assert answer.status_code == 403
    answer = served.page("/withdrawals", as_="merchant", method="POST", json=said, headers={"Origin": served.url})
    assert answer.status_code == 400  # heard, and refused for want of credit


def test_sign_out_forgets_the_cookie(served: Served) -> None:
    answer = served.page("/logout", as_="farm", method="POST", headers={"Origin": served.url})
    assert answer.status_code == 303
    assert 'suyuan_session=""' in answer.headers["set-cookie"]


def test_page_forgets_a_cookie_that_ran_out(served: Served) -> None:
    cookie = {"Cookie": f"suyuan_session={served.scene.token('farm', seconds=-5)}"}
    assert served.page("/members", headers=cookie).status_code == 200
    assert served.page("/log", headers=cookie).status_code == 401
