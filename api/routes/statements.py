"""A party's statement for a day (China's), as CSV, Excel workbook or JSON: for that party's own session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from api.sessions import Member
from api.state import ledger_of
from ledger.errors import NotAllowed, NotFound
from ledger.settle.party_statement import PartyStatement, parse_day, party_statement
from ledger.settle.statement_csv import statement_csv
from ledger.settle.statement_xlsx import statement_xlsx
from ledger.store.database import read

router = APIRouter(tags=["money"])


@router.get(
    "/statements/{party}/{name}",
    summary="Your statement for a day: {day}.csv, {day}.xlsx or {day}.json",
    response_class=Response,
)
def read_statement(request: Request, party: str, name: str, principal: Member) -> Response:
    """Opening balance, every line that moved it with order, rule version, leg and arithmetic, closing balance."""
    day_text, _, kind = name.rpartition(".")
    if kind not in _FORMS:
        raise NotFound(
            f"There is no statement in the form {kind!r}.",
            where=name,
            hint="Ask for {day}.csv, {day}.xlsx or {day}.json.",
        )
    day = parse_day(day_text)
    if party != principal.slug:
        raise NotAllowed(f"The statements of {party} are for {party} alone.", hint="Send that member's session.")
    with read(ledger_of(request).engine) as connection:
        statement = party_statement(connection, principal.number, day)
    media_type, write = _FORMS[kind]
    headers = {
        "Content-Disposition": f'attachment; filename="suyuan-{party}-{day}.{kind}"',
        "Cache-Control": "no-store",
    }
    return Response(
        write(statement), media_type=media_type, headers=headers if kind != "json" else {"Cache-Control": "no-store"}
    )


def _json(statement: PartyStatement) -> bytes:
    told: dict[str, Any] = {
        "party": statement.party,
        "day": statement.day,
        "zone": "Asia/Shanghai",
        "currency": "CNY",
        "opening_fen": statement.opening_fen,
        "lines": [{"time": line.time, **asdict(line)} for line in statement.lines],
        "closing_fen": statement.closing_fen,
        "owed_fen": statement.owed_fen,
    }
    return msgspec.json.encode(told)


_FORMS: dict[str, tuple[str, Callable[[PartyStatement], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", statement_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", statement_xlsx),
    "json": ("application/json", _json),
}
