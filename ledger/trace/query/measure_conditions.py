"""Conditions over times, quantities and sensor data of an event (EPCIS 2.0 section 8.2.7.1.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledger.errors import BadInput
from ledger.trace.epcis.times import utc_milliseconds
from ledger.trace.epcis.vocabulary import GS1_VOC
from ledger.trace.query.comparisons import COMPARE, holds
from ledger.trace.query.event_query import QueriedEvent, Test
from ledger.trace.query.look_up import number_of, plain, quantities, sensor_reports, sensor_values
from ledger.trace.query.parameter_values import Maker, Prefixes, Values, number, single, text


def time(find: Callable[[QueriedEvent], list[Any]]) -> Maker:
    def make(name: str, values: Values, _: Prefixes) -> Test:
        wanted, compare = time_value(name, values), COMPARE[name[:2]]
        return lambda event: any(holds(compare, said, wanted) for said in find(event))

    return make


def time_value(name: str, values: Values) -> str:
    """One time in UTC with milliseconds. BadInput where it is none."""
    said = text(name, single(name, values))
    found = utc_milliseconds(said.strip())
    if found is None:
        raise BadInput(
            f"{said!r} is no time with a zone.", hint="Write 2026-04-17T09:26:42+08:00 or 2026-04-17T01:26:42.000Z."
        )
    return found


def quantity(name: str, values: Values, _: Prefixes) -> Test:
    op, unit = name[:2], name[3:].partition("_")[2] or None
    wanted = [number(name, one) for one in (values if op == "EQ" else [single(name, values)])]

    def test(event: QueriedEvent) -> bool:
        for said, uom in quantities(event):
            if unit is None or uom == unit:
                if op == "EQ" and number_of(said) in wanted:
                    return True
                if op != "EQ" and holds(COMPARE[op], said, wanted[0]):
                    return True
        return False

    return test


def sensor_number(name: str, values: Values, _: Prefixes) -> Test:
    """EQ_value_CEL, LT_maxValue_CEL, GE_percRank: a report's number in the unit that is named."""
    op = name[:2]
    field, unit = name[3:].split("_") if "_" in name[3:] else (name[3:], "")
    wanted = [number(name, one) for one in (values if op == "EQ" else [single(name, values)])]

    def test(event: QueriedEvent) -> bool:
        for report in sensor_reports(event):
            if field in report and (not unit or report.get("uom") == unit):
                if op == "EQ" and number_of(report[field]) in wanted:
                    return True
                if op != "EQ" and holds(COMPARE[op], report[field], wanted[0]):
                    return True
        return False

    return test


def sensor_text(name: str, values: Values, prefixes: Prefixes) -> Test:
    field = name.removeprefix("EQ_")
    wanted = {plain(one, prefixes) for one in values}
    return lambda event: any(plain(said, event.prefixes) in wanted for said in sensor_values(event, field))


def sensor_type(name: str, values: Values, prefixes: Prefixes) -> Test:
    wanted = {plain(text(name, one), prefixes).removeprefix(GS1_VOC) for one in values}
    return lambda event: any(
        plain(report.get("type"), event.prefixes).removeprefix(GS1_VOC) in wanted for report in sensor_reports(event)
    )
