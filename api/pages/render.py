"""Turning a template into an answer: language, security headers, cached assets. Every page and every error page
passes here.

The policy is strict on purpose: nothing from another origin, no inline script or style. Pages must be complete
without the scripts; those only add comfort."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.confirmation import standstill_of, waiting
from api.pages import formats
from api.pages.language import COOKIE, HTML_LANG, LANGUAGES, Language, has_words, language_of, say
from ledger.errors import NotFound

_HERE = Path(__file__).resolve().parent.parent

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Not `no-referrer`: under that policy browsers send `Origin: null` with a form, and the check of a form's origin
    # would refuse it.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Pages:
    """The templates and assets of this package."""

    def __init__(self) -> None:
        self._assets = {path.name: path.read_bytes() for path in sorted((_HERE / "static").iterdir()) if path.is_file()}
        self._names = {
            name: f"/static/{hashlib.sha256(data).hexdigest()[:12]}/{name}" for name, data in self._assets.items()
        }
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            {
                name: getattr(formats, name)
                for name in ("yuan", "percent", "machine_time", "chain_iso", "chain_day", "grouped", "short")
            }
        )

    def render(
        self,
        request: Request,
        template: str,
        context: Mapping[str, Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The page in the reader's language. `?lang=` is remembered in a cookie."""
        language = language_of(request)
        body = self._templates.get_template(template).render(
            {
                "lang": language,
                "html_lang": HTML_LANG[language],
                "t": partial(say, language),
                "has_words": has_words,
                "asset": self._names.__getitem__,
                "local_time": partial(formats.local_time, language=language),
                "chain_time": partial(formats.chain_time, language=language),
                "switches": switches(request, language),
                "principal": getattr(request.state, "principal", None),
                "unconfirmed": _unconfirmed(request),
                **context,
            }
        )
        response = HTMLResponse(
            body,
            status_code=status,
            headers={**SECURITY_HEADERS, "Vary": "Accept, Accept-Language, Cookie", **(headers or {})},
        )
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Content-Language"] = HTML_LANG[language]
        if request.query_params.get("lang") in LANGUAGES:
            response.set_cookie(COOKIE, language, max_age=365 * 86400, samesite="lax", httponly=True, path="/")
        return response

    def problem(
        self, request: Request, problem: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Response:
        """A problem (RFC 9457) as a page."""
        key = f"problem.{problem['status']}"
        title = key if has_words(key) else "problem.other"
        whole = {"where": None, "hint": None, "problems": (), **problem}
        context = {"problem": whole, "title_key": title, "path": request.url.path if request.method == "GET" else "/"}
        return self.render(request, "problem.html", context, status=problem["status"], headers=headers)

    def asset(self, digest: str, name: str) -> Response:
        """A static file under its digest, to be kept for ever. NotFound for a name we do not have."""
        if name not in self._assets or not self._names[name].startswith(f"/static/{digest}/"):
            raise NotFound(f"There is no asset {name} with this digest.", hint="Reload the page.")
        kinds = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(self._assets[name], media_type=kinds[Path(name).suffix], headers=headers)


def _unconfirmed(request: Request) -> dict[str, Any] | None:
    """While nothing can be confirmed: why, since when, and how many transactions wait. Else None."""
    still = standstill_of(request.app)
    if still is None:
        return None
    count = waiting(request.app.state.shared.ledger.engine)
    return {"reason": still.reason, "since": still.since, "count": count}


def switches(request: Request, language: Language) -> list[dict[str, Any]]:
    """The links of the language switch: this same address with another `lang`."""
    kept = [(name, value) for name, value in parse_qsl(request.url.query) if name != "lang"]
    names: dict[Language, str] = {"zh": "简体中文", "en": "English"}
    path = request.scope.get("raw_path", b"").decode("ascii") or request.url.path
    if request.method not in ("GET", "HEAD"):
        kept = []
    return [
        {
            "name": names[one],
            "lang": HTML_LANG[one],
            "href": f"{path}?{urlencode([*kept, ('lang', one)])}",
            "current": one == language,
        }
        for one in LANGUAGES
    ]


def prefers_html(request: Request) -> bool:
    """Whether who asks is a person with a browser: `text/html` is accepted, and no JSON type stands before it (RFC
    9110, 12.5.1)."""
    for part in request.headers.get("accept", "").split(","):
        media = part.split(";")[0].strip().lower()
        if media in ("text/html", "application/xhtml+xml"):
            return True
        if media.endswith("json"):
            return False
    return False
