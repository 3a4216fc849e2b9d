"""One place where errors become answers: RFC 9457 problem details for programs, a page for people.

`status_of` maps the tree of `ledger.errors`; nothing else in `api` chooses a status for an error. Extensions of the
problem: `where` (a file and line, a JSON pointer, an order number), `hint` (what to do), `problems` (each fault of a
document), and `error` with `values` where a contract refused. No stack traces and no secrets: an unexpected error is
logged and answered by a number under which it stands in the log."""

from __future__ import annotations

import traceback
import uuid
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.pages.render import prefers_html
from api.state import pages_of
from api.validation import sentence_of
from ledger import errors
from ledger.trace.query import TooManyEvents

PROBLEM_JSON = "application/problem+json"

Problem = dict[str, Any]

_STATUS: tuple[tuple[type[errors.SuyuanError], int], ...] = (
    (TooManyEvents, 413),
    (errors.BadInput, 400),
    (errors.NotAuthenticated, 401),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.Reverted, 409),
    (errors.Unavailable, 503),
    (errors.BrokenEvidence, 500),
)

# What a contract refuses because of who asks, not because of what stands already.
_FORBIDDEN_REVERTS = frozenset(
    {
        "NotMember",
        "MemberNotActive",
        "MissingRole",
        "NotGovernor",
        "NotRegistrar",
        "NotTheCouncil",
        "NotTheProposer",
        "NotTheAccount",
        "KeyIsRevoked",
        "KeyHasEnded",
        "KeyNotAccepted",
        "ValidatorNotAccepted",
        "NotTheMembersValidator",
        "NotDelegate",
        "ActNotGranted",
        "GrantExpired",
        "GrantIsRevoked",
        "WrongSigner",
        "NotProductOwner",
        "NotEntitled",
        "NotTheRulesMerchant",
        "NotRequired",
        "WrongRuleSigner",
        "RuleOfAnotherMerchant",
        "NotTheOrdersCarrier",
        "AccountIsFrozen",
    }
)

_HEADERS = {401: {"WWW-Authenticate": 'Bearer realm="suyuan"'}, 503: {"Retry-After": "2"}}

_log = structlog.get_logger("api")


def status_of(error: errors.SuyuanError) -> int:
    """The HTTP status of an error of the tree."""
    if isinstance(error, errors.Reverted) and error.values.get("error") in _FORBIDDEN_REVERTS:
        return 403
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem_of(error: errors.SuyuanError) -> Problem:
    """The body of an error of the tree (RFC 9457, section 3)."""
    problem = _problem(status_of(error), error.what, where=error.where, hint=error.hint)
    if isinstance(error, errors.BadDocument):
        problem["problems"] = [fault_of(fault) for fault in error.problems]
    if isinstance(error, errors.Reverted) and error.values.get("error"):
        problem["error"] = error.values["error"]
        problem["values"] = {name: _plain(value) for name, value in dict(error.values.get("args") or {}).items()}
    return problem


def fault_of(fault: errors.SuyuanError) -> dict[str, Any]:
    """One fault among several: what, where, hint."""
    return {
        name: value for name, value in (("what", fault.what), ("where", fault.where), ("hint", fault.hint)) if value
    }


def install(app: FastAPI) -> None:
    """Every error that leaves the app goes through here: ours, validation, unknown paths and methods, the unexpected."""

    async def answer(request: Request, error: Exception) -> Response:
        problem, headers = _told(request, error)
        if prefers_html(request):
            return pages_of(request).problem(request, problem, headers)
        headers = {**headers, "Vary": "Accept"}
        return JSONResponse(problem, status_code=problem["status"], media_type=PROBLEM_JSON, headers=headers)

    for kind in (errors.SuyuanError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, answer)


def _told(request: Request, error: Exception) -> tuple[Problem, dict[str, str]]:
    """The problem and its headers; what is our fault is logged."""
    if isinstance(error, errors.SuyuanError):
        problem = problem_of(error)
        if problem["status"] >= 500:
            _log.error("request_failed", path=request.url.path, error=type(error).__name__, what=str(error))
        return problem, _HEADERS.get(problem["status"], {})
    if isinstance(error, RequestValidationError):
        return _invalid(error), {}
    if isinstance(error, HTTPException):
        return _of_framework(request, error), dict(error.headers or {})
    number = uuid.uuid4().hex[:12]
    # The stack as text, not as `exc_info`: renderers show local variables, and among these are sessions.
    stack = "".join(traceback.format_exception(error))
    _log.error("unexpected_error", number=number, path=request.url.path, stack=stack)
    detail = "Something went wrong here, not with what you sent."
    # The framework raises it again once this is answered, and the server then drops the connection: say so.
    return _problem(500, detail, hint=f"Ask the operator for the log entry {number}."), {"Connection": "close"}


def _invalid(error: RequestValidationError) -> Problem:
    faults = [{"what": sentence_of(fault), "where": pointer(fault["loc"])} for fault in error.errors()]
    many = f"{len(faults)} values are not as needed; nothing was written."
    return _problem(
        422,
        faults[0]["what"] if len(faults) == 1 else many,
        where=faults[0]["where"] if faults else None,
        hint="See /openapi.json for the form of this request.",
        problems=faults,
    )


def _of_framework(request: Request, error: HTTPException) -> Problem:
    details = {
        404: "There is nothing at this address.",
        405: f"{request.method} is not possible here.",
        413: "What was sent is too large.",
    }
    return _problem(error.status_code, details.get(error.status_code, str(error.detail)), where=request.url.path)


def _problem(status: int, detail: str, **more: Any) -> Problem:
    extensions = {name: value for name, value in more.items() if value}
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **extensions}


def pointer(location: tuple[Any, ...]) -> str:
    """A validation error's place: a JSON pointer (RFC 6901) into the body, else `query day` and the like."""
    first, *rest = location
    if first != "body":
        return " ".join(str(part) for part in location)
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in rest)


def _plain(value: Any) -> Any:
    """A contract's value as JSON: integers stay integers within 2**53, bytes become hex."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return str(value)
