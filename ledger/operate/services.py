"""The services of a home: how each process is started, what it may know, and how one knows that it serves."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from ledger.chain.policy import RELAY_NAME
from ledger.chain.profiles import profile_named
from ledger.config import Home, Settings
from ledger.operate.answering import http_ok, listens, rpc_answers
from ledger.operate.processes import SECRET_VARIABLES, Service, alive


def services_of(
    home: Home,
    settings: Settings,
    funds: Mapping[str, int],
    *,
    instant: bool = False,
    passwords: Mapping[str, str] | None = None,
) -> dict[str, Service]:
    """The services by name, in the order in which they start; without a chain where its nodes run elsewhere.

    `passwords`: variables for the signer alone, beside those that the environment holds.
    """
    folder = ("--home", str(home.path))
    chain_url, api_url = urlsplit(settings.rpc_url), urlsplit(settings.api_url)
    chain = ["-m", "ledger.chain.embedded", "--file", str(home.chain_file), "--host", str(chain_url.hostname)]
    chain += ["--port", str(chain_url.port), "--chain-id", str(settings.chain_id)]
    for address, wei in funds.items():
        chain += ["--fund", f"{address}:{wei}"]
    if instant:
        chain.append("--instant")
    services = [
        Service(
            "chain", tuple(chain), lambda: alive(home, "chain") and rpc_answers(settings.rpc_url, settings.chain_id)
        ),
        Service(
            "signer",
            ("-m", "ledger.chain.signer", *folder, *_keys_of(settings)),
            lambda: alive(home, "signer") and listens(settings.signer_url),
            secrets={**_secrets_in(os.environ), **(passwords or {})},
        ),
        Service("sender", ("-m", "ledger.chain.sender", *folder), lambda: alive(home, "sender")),
        Service("indexer", ("-m", "ledger.index", *folder), lambda: alive(home, "indexer")),
        Service("notifier", ("-m", "ledger.notify", *folder), lambda: alive(home, "notifier")),
        Service(
            "api", ("-m", "api", *folder), lambda: alive(home, "api") and http_ok(f"http://{api_url.netloc}/healthz")
        ),
    ]
    own_chain = profile_named(settings.profile).run_by_home and not settings.chain_elsewhere
    return {service.name: service for service in services if own_chain or service.name != "chain"}


def _keys_of(settings: Settings) -> tuple[str, ...]:
    """Outside development a signer holds one member's key, and that of its API."""
    return () if settings.development else ("--members", f"{settings.member},{RELAY_NAME}")


def _secrets_in(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(SECRET_VARIABLES) and name != "SUYUAN_BACKUP_PASSPHRASE"
    }
