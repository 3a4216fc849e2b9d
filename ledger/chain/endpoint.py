"""One address that answers POSTed JSON over kept-alive connections, within a deadline; and what its silence means.

What another try may cure is raised as `Passing` for the caller to repeat (every call of ours is harmless to repeat);
what it cannot cure is Unavailable with a sentence. Credentials and keys in an address never reach a sentence.
"""

from __future__ import annotations

import email.utils
import ssl
import time
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, ProxyError, ReadTimeoutError
from urllib3.exceptions import TimeoutError as TimeoutError_

from ledger.errors import Unavailable

CONNECT_SECONDS = 5.0
MOST_BYTES = 512 * 1024 * 1024
PIECE_BYTES = 1024 * 1024
CONNECTIONS = 16
"""Kept open for the threads that ask at once; more are opened and closed again."""

#: The longest that a node may ask us to stay away (Retry-After) for us to wait in line; longer is told.
LONGEST_WAIT_SECONDS = 10.0

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


class Passing(Exception):
    """A fault that another try may cure. `told` is what to raise when it does not, `after` how long it asked for."""

    def __init__(self, told: Unavailable, after: float | None = None) -> None:
        super().__init__(told.what)
        self.told = told
        self.after = after


class Endpoint:
    """`who`, `hint`: for the sentence when it is away. `credentials_hint`: what to do where it wants some (HTTP 401,
    403); None where such an answer says it by itself."""

    def __init__(
        self,
        url: str,
        *,
        who: str,
        hint: str,
        headers: Mapping[str, str] | None = None,
        credentials_hint: str | None = None,
    ) -> None:
        self.shown = shown(url)
        self._url = url
        self._who, self._hint, self._credentials_hint = who, hint, credentials_hint
        self._known = "authorization" in {name.lower() for name in headers or {}}
        self._http = _pool(url)
        self._headers = {"content-type": "application/json", "accept-encoding": "gzip, deflate", **(headers or {})}

    def close(self) -> None:
        self._http.clear()

    def post(self, content: bytes, deadline: float) -> bytes:
        """The body of the answer. `deadline` is a time of `time.monotonic`; a slow answer is not waited for beyond."""
        if not self._url.lower().startswith(("http://", "https://")):
            raise self.away("the address does not begin with http:// or https://")
        left = max(deadline - time.monotonic(), 0.001)
        try:
            response = self._http.request(
                "POST",
                self._url,
                body=content,
                headers=self._headers,
                timeout=Timeout(connect=min(CONNECT_SECONDS, left), read=left),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                body = self._read(response, deadline)
            except BaseException:
                response.close()  # what is left of this answer must not be taken for the next one
                raise
            response.release_conn()
        except ProtocolError as error:
            # A kept-alive connection may have been closed by a node that restarted.
            raise Passing(self.away(_cause(error))) from None
        except (NewConnectionError, ProxyError) as error:
            raise self.away(_cause(error)) from None
        except TimeoutError_ as error:
            left = left if isinstance(error, ReadTimeoutError) else min(CONNECT_SECONDS, left)
            raise self.away(f"no answer within {left:.1f} seconds") from None
        except (HTTPError, UnicodeError, OSError) as error:
            raise self.away(_cause(error)) from None
        self._require_answer(response, body)
        return body

    def away(self, why: str) -> Unavailable:
        return Unavailable(
            f"{self._who} at {self.shown} does not answer ({why}).",
            hint=self._hint,
            url=self.shown,
        )

    def odd(self, what: str, hint: str | None = None) -> Unavailable:
        """For an answer that cannot be used; `what` goes on after the address."""
        return Unavailable(f"{self._who} at {self.shown} {what}", hint=hint, url=self.shown)

    def _read(self, response: BaseHTTPResponse, deadline: float) -> bytes:
        """As much at once as has come: each piece costs a turn of Python's lock."""
        pieces, size = [], 0
        while piece := response.read1(PIECE_BYTES, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > MOST_BYTES:
                raise self.odd(f"sent more than {MOST_BYTES >> 20} MB as one answer.", "Ask for fewer blocks at once.")
            if time.monotonic() > deadline:
                raise self.away("the answer came too slowly")
        return b"".join(pieces)

    def _require_answer(self, response: BaseHTTPResponse, body: bytes) -> None:
        status = response.status
        as_json = response.headers.get("content-type", "").startswith("application/json")
        if status == HTTPStatus.OK:
            return
        said = f"answered with HTTP {status} ({_phrase(status)})."
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) and self._credentials_hint is not None:
            wants = "refuses our credentials" if self._known else "wants credentials"
            raise self.odd(f"{wants} (HTTP {status}).", self._credentials_hint)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR and as_json and body.lstrip()[:1] in (b"{", b"["):
            return  # some nodes tell JSON-RPC errors so
        if status in _BUSY:
            after = _seconds_of(response.headers.get("retry-after"))
            if after is not None and after > LONGEST_WAIT_SECONDS:
                raise self.odd(f"asks to be left alone for {after:.0f} seconds (HTTP {status}).", self._hint)
            raise Passing(self.odd(said, self._hint), after)
        if not as_json:
            raise self.odd(said, self._hint)


def _pool(url: str) -> PoolManager:
    """Through the proxy that the environment names for this address, if it names one."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme) if parts.hostname and not proxy_bypass(parts.hostname) else None
    context = ssl.create_default_context() if parts.scheme == "https" else None  # reads certificates: 0.2 s
    if proxy is not None:
        return ProxyManager(proxy, maxsize=CONNECTIONS, ssl_context=context)
    return PoolManager(maxsize=CONNECTIONS, ssl_context=context)


def _cause(error: Exception) -> str:
    """The reason alone: the library's own words hold the whole address."""
    return str(error.__cause__ or type(error).__name__)


def shown(url: str) -> str:
    """An address as it may stand in a log: user, password, path and query may be keys."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "an address that cannot be read"
    if not host:
        return url.split("?")[0]
    place = f"[{host}]" if ":" in host else host
    more = "/…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{place}{f':{port}' if port else ''}{more}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown"


def _seconds_of(retry_after: str | None) -> float | None:
    """RFC 9110, section 10.2.3: seconds, or a date. None for what cannot be read."""
    if retry_after is None:
        return None
    try:
        return max(float(retry_after), 0.0)
    except ValueError:
        pass
    try:
        return max(email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return None
