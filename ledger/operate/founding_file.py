"""The founder's file: TOML, the parts that the first members handed in, one behind the other; every fault names its line.

[[member]]
slug = "farm"
name = "Green Valley Farm"
account = "0x…"
roles = ["farm", "council"]
locations = {"0860009999060" = "Green Valley, field 3"}      GLNs, each with the name that pages show
products = {"00860009999923" = "Lettuce, loose"}             GTINs likewise
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ledger.chain.keystore import KNOWN_ACCOUNTS, checksummed
from ledger.chain.roles import Role
from ledger.errors import BadInput
from ledger.operate.toml_file import Part, TomlFile
from ledger.trace.gs1.check_digit import check_gln, check_gtin

_KEYS = {"slug", "name", "account", "roles", "locations", "products"}


@dataclass(frozen=True)
class FirstMember:
    """Whom the founder admits, and what it assigns: pairs of an identifier's digits and a name."""

    slug: str
    name: str
    account: str
    roles: Role
    locations: tuple[tuple[str, str], ...] = ()
    products: tuple[tuple[str, str], ...] = ()


def read_founding(text: str, where: str) -> tuple[FirstMember, ...]:
    """BadInput with file and line for the first fault."""
    file = TomlFile(text, where)
    _, tables = file.tables("founding", "member")
    if not tables:
        raise BadInput("The file names no member.", where=where, hint="Put the members' parts into it: [[member]].")
    members = tuple(_member(file, ("member", place), table) for place, table in enumerate(tables))
    for field in ("slug", "account"):
        seen: dict[str, FirstMember] = {}
        for place, member in enumerate(members):
            value = getattr(member, field)
            if value in seen:
                what = f"{member.slug} has the same {field} as {seen[value].slug}."
                raise file.fault(("member", place), field, what, "Each member has its own.")
            seen[value] = member
    return members


def _member(file: TomlFile, part: Part, table: dict[str, Any]) -> FirstMember:
    file.require_known(part, table, _KEYS)
    return FirstMember(
        slug=file.slug(part, table),
        name=file.text(part, table, "name"),
        account=_account(file, part, table),
        roles=_roles(file, part, table),
        locations=_identifiers(file, part, table, "locations", check_gln),
        products=_identifiers(file, part, table, "products", check_gtin),
    )


def _account(file: TomlFile, part: Part, table: dict[str, Any]) -> str:
    text = file.text(part, table, "account")
    try:
        account = checksummed(text)
    except BadInput as error:
        raise file.fault(part, "account", error.what, "`suyuan init --member` prints it.") from None
    if account.lower().removeprefix("0x") in KNOWN_ACCOUNTS:
        raise file.fault(
            part, "account", "Everybody knows the key of this account.", "The member makes one: `suyuan init --member`."
        )
    return account


def _roles(file: TomlFile, part: Part, table: dict[str, Any]) -> Role:
    words = table.get("roles")
    known = {str(role.name).lower(): role for role in Role if role is not Role.TREASURY}  # that is a key's, no member's
    if not isinstance(words, list) or not words:
        raise file.fault(part, "roles", "roles is a list of words, not empty.", f"Known are: {', '.join(known)}.")
    roles = Role(0)
    for word in words:
        role = known.get(word) if isinstance(word, str) else None
        if role is None:
            raise file.fault(part, "roles", f"There is no role {word!r}.", f"Known are: {', '.join(known)}.")
        roles |= role
    return roles


def _identifiers(
    file: TomlFile, part: Part, table: dict[str, Any], name: str, check: Callable[[str], str]
) -> tuple[tuple[str, str], ...]:
    value = table.get(name, {})
    if not isinstance(value, dict) or not all(isinstance(each, str) and each for each in value.values()):
        raise file.fault(part, name, f"{name} gives each number a name.", f'Write {name} = {{"…" = "…"}}.')
    try:
        return tuple((check(number), label) for number, label in value.items())
    except BadInput as error:
        raise file.fault(part, name, error.what, error.hint) from None
