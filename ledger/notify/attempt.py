"""One attempt to deliver one message: resolve, check, connect to what was checked, send, hear the status.

Nothing of the answer but its status and Retry-After is looked at. No redirect is followed, no proxy asked, no
connection kept: a kept one could be taken for another name at the same address.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass
from typing import Final

import httpx

from ledger import __version__
from ledger.errors import SuyuanError
from ledger.notify.schedule import retry_after
from ledger.notify.target import Target, read_target, resolve

ATTEMPT_SECONDS: Final = 20.0  # for all of it; Standard Webhooks, "Request timeouts": 15 to 30
CONNECT_SECONDS: Final = 5.0
MOST_ANSWER_BYTES: Final = 64 * 1024
MOST_ADDRESSES: Final = 3

GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt. `status` None: no answer came, `error` says why. `asked`: seconds of Retry-After."""

    status: int | None
    error: str | None
    asked: int | None = None

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def attempt(
    url: str, headers: dict[str, str], body: bytes, *, trust: ssl.SSLContext, development: bool
) -> Outcome:
    """Never raises for what the receiver or the network does; at most ATTEMPT_SECONDS."""
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            target = read_target(url, development=development)
            addresses = await resolve(target, development=development)
            return await _send(target, addresses[:MOST_ADDRESSES], headers, body, trust)
    except TimeoutError:
        return Outcome(None, f"No answer came within {ATTEMPT_SECONDS:.0f} seconds.")
    except SuyuanError as error:
        return Outcome(None, error.what)
    except (httpx.InvalidURL, ValueError) as error:
        return Outcome(None, f"The URL cannot be asked for: {error}.")


async def _send(
    target: Target, addresses: list[str], headers: dict[str, str], body: bytes, trust: ssl.SSLContext
) -> Outcome:
    """The first address that takes a connection is the one."""
    error = "The name has no address."
    for address in addresses:
        try:
            return await _send_to(target, address, headers, body, trust)
        except (httpx.ConnectError, httpx.ConnectTimeout) as refused:
            error = f"No connection to {address}, port {target.port}: {_why(refused)}."
        except httpx.HTTPError as broken:  # it may have been taken: no other address is tried
            return Outcome(None, f"The answer broke off: {_why(broken)}.")
    return Outcome(None, error)


async def _send_to(
    target: Target, address: str, headers: dict[str, str], body: bytes, trust: ssl.SSLContext
) -> Outcome:
    place = f"[{address}]" if ":" in address else address
    timeout = httpx.Timeout(ATTEMPT_SECONDS, connect=CONNECT_SECONDS)
    async with httpx.AsyncClient(verify=trust, trust_env=False, follow_redirects=False, timeout=timeout) as client:
        request = client.build_request(
            "POST",
            f"https://{place}:{target.port}{target.path}",
            content=body,
            headers={
                "Host": target.authority,
                "Content-Type": "application/json",
                "User-Agent": f"Suyuan-Webhooks/{__version__}",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
                "Connection": "close",
                **headers,
            },
            # The certificate is that of the name, whatever address it was resolved to.
            extensions={"sni_hostname": target.host},
        )
        response = await client.send(request, stream=True)
        try:
            await _read_off(response)
        finally:
            await response.aclose()
    asked = retry_after(response.headers.get("retry-after"), int(time.time()))
    error = None if response.is_success else f"It answered HTTP {response.status_code}."
    return Outcome(response.status_code, error, asked)


async def _read_off(response: httpx.Response) -> None:
    """Up to a bound, so that the receiver is not cut off in its last words; what they are does not matter."""
    taken = 0
    try:
        async for part in response.aiter_raw():
            taken += len(part)
            if taken > MOST_ANSWER_BYTES:
                return
    except httpx.HTTPError:  # the status has been heard
        return


def _why(error: Exception) -> str:
    cause: BaseException = error
    while cause.__cause__ is not None or cause.__context__ is not None:
        cause = cause.__cause__ or cause.__context__ or cause
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate does not hold ({cause.verify_message})"
    return str(error) or type(error).__name__


def trusted() -> ssl.SSLContext:
    """The system's certificate authorities (OpenSSL's, so SSL_CERT_FILE is heeded)."""
    return ssl.create_default_context()
