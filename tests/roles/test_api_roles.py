"""Every route of the API and every page, asked with every role's session: the table of decisions holds on a running server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from api_roles import SERVED, RolesApi, a_roles_api, routes
from decisions import Decision, api_decisions

from ledger.chain.session import SCOPES


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RolesApi]:
    with a_roles_api(tmp_path_factory.mktemp("roles")) as running:
        yield running


def test_every_route_has_a_decision_and_no_decision_lacks_its_route(api: RolesApi) -> None:
    described = api.served.get("/openapi.json").json()["paths"]
    there = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}
    there = (there - {f"OPTIONS {path}" for path in described}) | set(routes()) | {"GET /openapi.json"}
    decided = set(api_decisions())
    undecided = [
        f"{route}: nobody has decided who may ask it. Write it into tests/roles/decisions.toml"
        for route in sorted(there - decided)
    ]
    assert (
        undecided + [f"{route} is decided, and the API has no such route." for route in sorted(decided - there)] == []
    )


@pytest.mark.parametrize("route", sorted(api_decisions()))
def test_route_serves_whom_it_should_and_refuses_everybody_else_and_writes_nothing_for_them(
    api: RolesApi, route: str
) -> None:
    decision = api_decisions()[route]
    # Where nobody needs a session, an operator's is like any other.
    actors = [actor for actor in api.actors() if "anyone" not in decision.may or actor.key == "account"]
    before = api.queued()
    refused = [actor for actor in actors if not decision.admits(actor)]
    wrong = [
        f"{actor.name}: expected to be refused with {status}, heard {heard}"
        for actor in refused
        if (heard := api.tried(route, actor)) != (status := decision.status_of(actor))
    ]
    assert api.queued() == before
    wrong += [
        f"{actor.name}: expected to be served, heard {heard}"
        for actor in actors
        if actor not in refused
        and (heard := api.tried(route, actor)) not in {SERVED.get(route), 200, 201, 202, 303, 307}
    ]
    assert wrong == []


@pytest.mark.parametrize("route", [route for route, decision in api_decisions().items() if decision.scope])
def test_session_for_everything_else_is_no_session_for_this(api: RolesApi, route: str) -> None:
    decision = api_decisions()[route]
    without = " ".join(word for word in SCOPES if word != decision.scope)
    before = api.queued()
    actors = [actor for actor in api.actors() if decision.admits(actor)]
    assert {api.tried(route, actor, scope=without) for actor in actors} == {403}
    assert api.queued() == before


@pytest.mark.parametrize("route", [route for route, line in api_decisions().items() if "anyone" not in line.may])
def test_session_that_has_ended_serves_nobody(api: RolesApi, route: str) -> None:
    decision: Decision = api_decisions()[route]
    actor = next(actor for actor in api.actors() if decision.admits(actor))
    assert api.tried(route, actor, seconds=-5) == 401
