"""Signing in: a member pastes (or follows a link that carries) the session that its own signer made. The cookie is
the session."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from api.addresses import local_path
from api.errors import problem_of
from api.sessions import (
    MOST_TOKEN_CHARACTERS,
    Asking,
    Principal,
    clear_session_cookie,
    principal_of_token,
    require_own_origin,
    set_session_cookie,
)
from api.state import ledger_of, pages_of
from ledger.errors import BadInput, SuyuanError

router = APIRouter(include_in_schema=False)


@router.api_route("/login", methods=["GET", "HEAD"])
def login_page(request: Request, principal: Asking, next: str = "") -> Response:
    """`/login#token` signs in by itself, with a few lines of script: what follows # reaches no server log."""
    return pages_of(request).render(request, "login.html", {"problem": None, "next": local_path(next) or ""})


@router.post("/login")
def login(request: Request, token: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "") -> Response:
    """Sets the cookie and leads on. A session that does not hold is told on the page."""
    require_own_origin(request)
    text = "".join(token.split())
    try:
        if len(text) > MOST_TOKEN_CHARACTERS:
            raise BadInput("This is too long for a session.", where="token")
        principal = principal_of_token(ledger_of(request), text)
    except SuyuanError as error:
        problem = problem_of(error)
        context = {"problem": problem, "next": local_path(next) or ""}
        return pages_of(request).render(request, "login.html", context, status=problem["status"])
    response = RedirectResponse(local_path(next) or _start_of(principal), status_code=303)
    set_session_cookie(response, request, text, principal.until)
    return response


@router.post("/logout")
def logout(request: Request) -> Response:
    require_own_origin(request)
    response = RedirectResponse("/", status_code=303)
    clear_session_cookie(response)
    return response


def _start_of(principal: Principal) -> str:
    """Where a member most likely wants to go."""
    return "/log" if principal.evidence and not principal.merchant else f"/merchant/{principal.slug}"
