"""What a node asks of us to let us in: from the environment only, never from a file of the home, never in a log.

`SUYUAN_RPC_TOKEN` goes to the node where there is one; where there are several, each has its own by its place in
`rpc_urls` (`SUYUAN_RPC_TOKEN_1`, ...), since another member's node must not see what opens ours. A token with a colon is
user and password (RFC 7617), any other a bearer token (RFC 6750).
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from ledger.chain.endpoint import shown
from ledger.errors import BadInput


def variable_of(position: int, nodes: int, name: str = "SUYUAN_RPC_TOKEN") -> str:
    """The environment variable for the node at this place (from 1) of so many."""
    return name if nodes == 1 else f"{name}_{position}"


def headers_of(url: str, variable: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The header that carries the credentials; none where the variable is not set.

    BadInput for credentials inside an address, and for a token that would travel in the clear to another machine.
    """
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise BadInput(
            f"The address {shown(url)} holds a user or a password, and config.json is no place for them.",
            hint=f"Write the address without them, and set {variable} in the environment (USER:PASSWORD).",
        )
    token = environment.get(variable, "").strip()
    if not token:
        return {}
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise BadInput(
            f"{variable} is set, and {shown(url)} would carry it in the clear.",
            hint="Use an https address, or a tunnel to this machine.",
        )
    if not token.isascii() or any(letter.isspace() or not letter.isprintable() for letter in token):
        raise BadInput(f"{variable} holds letters that no header may.", hint="Set it again, without spaces.")
    if ":" in token:
        return {"authorization": "Basic " + base64.b64encode(token.encode()).decode()}
    return {"authorization": "Bearer " + token}


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine is reached there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
