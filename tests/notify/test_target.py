"""A webhook leads to public addresses by HTTPS, and nowhere else."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any

import pytest

from ledger.errors import BadInput, Unavailable
from ledger.notify.target import read_target, require_public, resolve


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com/#part",
        "https://example.com:99999/",
        "https://example.com/a b",
        "https://example.com/\r\nHost: other",
        "https://example.com/" + "a" * 3000,
        "https://[fe80::1%25eth0]/",
        "https://[not-an-address]/",
    ],
)
def test_what_is_no_target_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        read_target(url, development=True)


NOT_PUBLIC = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.9.10",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_address_that_is_not_public_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="not a public address"):
        require_public(ipaddress.ip_address(text), development=False)
    host = f"[{text}]" if ":" in text else text
    with pytest.raises(BadInput):
        read_target(f"https://{host}/", development=False)


@pytest.mark.parametrize("text", [one for one in NOT_PUBLIC if one not in ("127.0.0.1", "127.8.9.10", "::1")])
def test_development_opens_the_loopback_and_nothing_else(text: str) -> None:
    for loopback in ("127.0.0.1", "::1"):
        require_public(ipaddress.ip_address(loopback), development=True)
    with pytest.raises(BadInput):
        require_public(ipaddress.ip_address(text), development=True)


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2400:cb00::1"])
def test_public_address_is_taken(text: str) -> None:
    require_public(ipaddress.ip_address(text), development=False)


def test_target_is_taken_apart() -> None:
    target = read_target("https://Example.com:8443/hooks?a=1", development=False)
    assert (target.host, target.port, target.path, target.authority) == (
        "example.com", 8443, "/hooks?a=1", "example.com:8443",
    )  # fmt: skip
    assert read_target("https://[2606:4700::1111]/", development=False).authority == "[2606:4700::1111]"


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """From now on every name resolves to these."""

    async def answer(self: object, host: str, port: int, **_: Any) -> list[Any]:
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", answer)


def resolved(url: str, *, development: bool = False) -> list[str]:
    return asyncio.run(resolve(read_target(url, development=development), development=development))


def test_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    leads_to(monkeypatch, "10.0.0.1")
    with pytest.raises(BadInput, match=r"10\.0\.0\.1"):
        resolved("https://example.com/")


def test_name_that_leads_inside_in_part_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    leads_to(monkeypatch, "8.8.8.8", "127.0.0.1")
    with pytest.raises(BadInput):
        resolved("https://example.com/")


def test_address_with_a_zone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    leads_to(monkeypatch, "fe80::1%eth0")
    with pytest.raises(BadInput):
        resolved("https://example.com/")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
def test_loopback_under_another_name_is_refused(host: str) -> None:
    with pytest.raises((BadInput, Unavailable)):
        resolved(f"https://{host}/")


def test_name_that_does_not_resolve_is_told() -> None:
    with pytest.raises(Unavailable, match="does not resolve"):
        resolved("https://no-such-name.invalid/")


def test_name_that_leads_to_public_addresses_gives_them(monkeypatch: pytest.MonkeyPatch) -> None:
    leads_to(monkeypatch, "8.8.8.8", "2606:4700::1111", "8.8.8.8")
    assert resolved("https://example.com/") == ["8.8.8.8", "2606:4700::1111"]
