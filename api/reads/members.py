"""The members with what each answers for: public, all of it stands on the chain."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.chain.roles import Role
from ledger.store.schema import location, member, product


@dataclass(frozen=True)
class PlaceLine:
    gln: str
    name: str


@dataclass(frozen=True)
class ProductLine:
    gtin: str
    name: str


@dataclass(frozen=True)
class MemberLine:
    """`roles` are names of `ledger.chain.roles.Role`."""

    number: int
    slug: str
    name: str
    account: str
    active: bool
    roles: tuple[str, ...]
    places: tuple[PlaceLine, ...]
    products: tuple[ProductLine, ...]


def all_members(connection: Connection) -> list[MemberLine]:
    """Everybody, by number."""
    places: dict[int, list[PlaceLine]] = defaultdict(list)
    for place in connection.execute(select(location).order_by(location.c.gln)):
        places[place.member].append(PlaceLine(place.gln, place.name))
    products: dict[int, list[ProductLine]] = defaultdict(list)
    for one in connection.execute(select(product).order_by(product.c.gtin)):
        products[one.member].append(ProductLine(one.gtin, one.name))
    return [
        MemberLine(
            row.member,
            row.slug,
            row.name,
            row.account,
            row.active,
            tuple(role.name for role in Role if role in Role(row.roles) and role.name),
            tuple(places[row.member]),
            tuple(products[row.member]),
        )
        for row in connection.execute(select(member).order_by(member.c.member))
    ]


def products_of(connection: Connection, number: int) -> list[ProductLine]:
    rows = connection.execute(select(product).where(product.c.member == number).order_by(product.c.gtin))
    return [ProductLine(row.gtin, row.name) for row in rows]


def places_of(connection: Connection, number: int) -> list[PlaceLine]:
    rows = connection.execute(select(location).where(location.c.member == number).order_by(location.c.gln))
    return [PlaceLine(row.gln, row.name) for row in rows]
