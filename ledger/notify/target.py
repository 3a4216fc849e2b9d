"""Where a webhook may point to, and to which addresses it may lead.

A target is an HTTPS URL. Its name is resolved anew at each delivery, every address is checked, and the connection goes
to an address that was checked: a name that answers otherwise the second time (DNS rebinding) changes nothing. In a
development home the loopback may be a target too.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from ledger.errors import BadInput, Unavailable

MOST_URL_CHARACTERS = 2_000

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(one)
    for one in (
        # IANA's special-purpose registries (RFC 6890 and what came since), and what carries another address inside.
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
        "::/96",  # unspecified, loopback, IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",  # Teredo and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",  # multicast
    )
)
_LOOPBACK: Final = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's URL, taken apart. `host` is a name in ASCII or an address without brackets; `path` with the query."""

    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As the Host header says it (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


def read_target(url: str, *, development: bool) -> Target:
    """BadInput for what cannot be a target, an address that is not public included."""
    try:
        parts = urlsplit(url)
        port, name = parts.port or 443, parts.hostname or ""
        host = name if ":" in name else name.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise _refused(url, "it cannot be read") from None
    if len(url) > MOST_URL_CHARACTERS or any(character <= " " or character > "~" for character in url):
        raise _refused(url, "it is too long or holds characters that a URL does not")
    if parts.scheme != "https":
        raise _refused(url, "it does not begin with https://")
    if not host or "%" in host:
        raise _refused(url, "it names no host")
    if parts.username is not None or parts.password is not None:
        raise _refused(url, "it holds a user name or password")
    if parts.fragment:
        raise _refused(url, "it holds a fragment (#), which is never sent")
    literal = _address(host)
    if literal is not None:
        require_public(literal, development=development)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, path)


async def resolve(target: Target, *, development: bool) -> list[str]:
    """The addresses behind the name, each checked. BadInput when one of them is not public: a name that is public in
    part is a trap. Unavailable when nothing answers to the name."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable(f"The name {target.host} does not resolve ({type(error).__name__}).") from None
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    for text in addresses:
        address = _address(text)
        if address is None:
            raise BadInput(f"{target.host} leads to {text}, which is no address that a webhook may reach.")
        require_public(address, development=development)
    return addresses


def require_public(address: IPAddress, *, development: bool) -> None:
    """BadInput for a private, local or otherwise special address; the loopback passes in development."""
    if development and any(address.version == one.version and address in one for one in _LOOPBACK):
        return
    special = any(address.version == network.version and address in network for network in _NOT_PUBLIC)
    if special or not address.is_global or address.is_multicast:
        raise BadInput(
            f"{address} is not a public address, and webhooks go to public addresses only.",
            hint="Name a host that is reachable from the internet.",
        )


def _address(text: str) -> IPAddress | None:
    """None for a name, and for an address with a zone (fe80::1%eth0)."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if isinstance(address, ipaddress.IPv6Address) and address.scope_id else address


def _refused(url: str, why: str) -> BadInput:
    return BadInput(
        f"{url[:100]!r} is no target for a webhook: {why}.",
        where="url",
        hint="Write it like https://example.com/suyuan.",
    )
