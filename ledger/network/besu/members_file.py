"""The members file of a network: TOML, put together from what each member handed in; every fault names its line.

[network]                        optional, and so is each of its keys
chain_id = 7720
block_period_seconds = 1
request_timeout_seconds = 4
gas_limit = 60000000
contract_size_limit = 24576
image = "hyperledger/besu:latest"
senders = ["0x…"]                accounts that may send and belong to no member: the founder's

[[member]]                       one for each; `suyuan network besu-key` writes it
slug = "farm"
name = "Green Valley Farm"
public_key = "128 hex digits"    the node's; or enode = "enode://…@10.0.0.1:30303", which also gives host and p2p_port
host = "10.0.0.1"
p2p_port = 30303
rpc_port = 8545
validator = true
senders = ["0x…"]                accounts that may send; where nobody lists any, every account may
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

from ledger.chain.node_key import node_address
from ledger.errors import BadInput
from ledger.network.besu.network_plan import NetworkMember, NetworkPlan
from ledger.operate.toml_file import Part, TomlFile

LEAST_VALIDATORS = 3


def read_members(text: str, where: str) -> NetworkPlan:
    """BadInput with file and line for the first fault."""
    return _Reading(TomlFile(text, where)).plan()


def read_member(text: str, where: str) -> NetworkMember:
    """One member's part, as it is handed in."""
    return _Reading(TomlFile(text, where)).only_member()


class _Reading:
    """One file being read."""

    def __init__(self, file: TomlFile) -> None:
        self._file = file

    def plan(self) -> NetworkPlan:
        network, tables = self._file.tables("network", "member")
        members = tuple(self._member(place, table) for place, table in enumerate(tables))
        self._require_distinct(members)
        plan = NetworkPlan(members, **self._network(network))
        if len(plan.validators) < LEAST_VALIDATORS:
            raise BadInput(
                f"A network needs at least {LEAST_VALIDATORS} validators, and the file names {len(plan.validators)}.",
                where=self._file.where,
                hint="One or two agree with nobody but themselves. Four tolerate the loss of one; to try, use `suyuan up`.",
            )
        silent = [place for place, member in enumerate(members) if plan.all_senders and not member.senders]
        if silent:
            raise self._file.fault(
                ("member", silent[0]),
                "slug",
                f"{members[silent[0]].slug} lists no senders, and others do: nothing could be sent for it.",
                'List its accounts in senders = ["0x…"], or nobody\'s: then every account may send.',
            )
        return plan

    def only_member(self) -> NetworkMember:
        network, tables = self._file.tables("network", "member")
        if network or len(tables) != 1:
            raise BadInput("A member hands in one [[member]].", where=self._file.where)
        return self._member(0, tables[0])

    def _network(self, table: dict[str, Any]) -> dict[str, Any]:
        part = ("network", 0)
        self._file.require_known(part, table, {field.name for field in fields(NetworkPlan)} - {"members"})
        bounds = {
            "chain_id": (1, 2**53),
            "block_period_seconds": (1, 60),
            "request_timeout_seconds": (1, 600),
            "gas_limit": (10_000_000, 2**53 - 1),
            "contract_size_limit": (24_576, 2**31 - 1),
        }
        values: dict[str, Any] = {
            name: self._file.number(part, table, name, None, *bounds[name])
            for name in bounds
            if table.get(name) is not None
        }
        period = values.get("block_period_seconds", NetworkPlan.block_period_seconds)
        if values.get("request_timeout_seconds", NetworkPlan.request_timeout_seconds) <= period:
            raise self._file.fault(
                part,
                "request_timeout_seconds" if "request_timeout_seconds" in values else "block_period_seconds",
                "The request timeout must be longer than the block period: else rounds change before a block can come.",
                "Twice the block period, or more.",
            )
        if "image" in table:
            values["image"] = self._file.text(part, table, "image")
        return {**values, "senders": self._file.accounts(part, table, "senders")}

    def _member(self, place: int, table: dict[str, Any]) -> NetworkMember:
        part = ("member", place)
        self._file.require_known(part, table, {*(field.name for field in fields(NetworkMember)), "enode"})
        slug = self._file.slug(part, table)
        public_key, host, port = self._node(part, table)
        validator = table.get("validator", True)
        if not isinstance(validator, bool):
            raise self._file.fault(part, "validator", "validator is true or false.", "Write validator = true.")
        return NetworkMember(
            slug=slug,
            name=self._file.text(part, table, "name") if "name" in table else slug,
            public_key=public_key,
            host=host,
            p2p_port=port,
            rpc_port=self._file.number(part, table, "rpc_port", 8545, 1, 65_535),
            validator=validator,
            senders=self._file.accounts(part, table, "senders"),
        )

    def _node(self, part: Part, table: dict[str, Any]) -> tuple[str, str, int]:
        """Public key, host and port, from their own keys or from the enode."""
        if "enode" in table:
            key, host, port = self._enode(part, self._file.text(part, table, "enode"))
            twice = [name for name in ("public_key", "host", "p2p_port") if name in table]
            if twice:
                raise self._file.fault(
                    part, twice[0], f"The enode says {twice[0]} already.", "Write the one or the other."
                )
        else:
            key, host = (
                self._file.text(part, table, "public_key").removeprefix("0x"),
                self._file.text(part, table, "host"),
            )
            port = self._file.number(part, table, "p2p_port", 30_303, 1, 65_535)
        name = "enode" if "enode" in table else "public_key"
        if re.fullmatch(r"[0-9a-fA-F]{64}", key):
            raise self._file.fault(
                part,
                name,
                "This is as long as a private key, which nobody may hand in.",
                "If it is one, it is burnt: make another, and hand in the public key.",
            )
        try:
            node_address(key)
        except BadInput as error:
            raise self._file.fault(part, name, error.what, error.hint) from None
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise self._file.fault(
                part,
                "enode" if "enode" in table else "host",
                f"{host!r} is no IP address.",
                "Besu's permissioning takes names only as an early-access feature: write the address that others reach.",
            ) from None
        return key.lower(), host, port

    def _enode(self, part: Part, text: str) -> tuple[str, str, int]:
        try:
            url = urlsplit(text)
            if url.scheme != "enode" or not url.username or not url.hostname or not url.port:
                raise ValueError
            return url.username, url.hostname, url.port
        except ValueError:
            raise self._file.fault(
                part, "enode", f"{text!r} is no enode.", "Like enode://<128 hex digits>@10.0.0.1:30303."
            ) from None

    def _require_distinct(self, members: tuple[NetworkMember, ...]) -> None:
        kinds = {
            "public_key": ("node key", "Each member makes its own: a validator that stands twice would vote twice."),
            "slug": ("slug", "Give each member its own."),
            "endpoint": ("host and port", "Each node needs an address of its own."),
        }
        for kind, (what, hint) in kinds.items():
            seen: dict[Any, NetworkMember] = {}
            for place, member in enumerate(members):
                value = (member.host, member.p2p_port) if kind == "endpoint" else getattr(member, kind)
                if value in seen:
                    key = "host" if kind == "endpoint" else kind
                    sentence = f"{member.slug} has the same {what} as {seen[value].slug}."
                    raise self._file.fault(("member", place), key, sentence, hint)
                seen[value] = member
