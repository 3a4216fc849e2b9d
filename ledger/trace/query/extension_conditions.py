"""Parameters that name an extension field: `EQ_ns:field`, `GE_ILMD_ns:field`, `EXISTS_INNER_ns:field`, `HASATTR_ns:field`
(EPCIS 2.0 section 8.2.7.1.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ledger.errors import BadInput
from ledger.trace.epcis.vocabulary import expand_curie
from ledger.trace.query.comparisons import COMPARE, holds
from ledger.trace.query.event_query import QueriedEvent, Test
from ledger.trace.query.look_up import extension_values, plain

SECTIONS = ("ERROR_DECLARATION", "ILMD", "SENSORELEMENT", "SENSORMETADATA", "SENSORREPORT", "readPoint", "bizLocation")
_NAME = re.compile(
    rf"(?P<op>EQ|GT|GE|LT|LE|EXISTS|HASATTR|EQATTR|EQ_ATTR)_(?P<inner>INNER_)?(?:(?P<section>{'|'.join(SECTIONS)})_)?"
    r"(?P<field>[A-Za-z][A-Za-z0-9+.\-]*[:#/].+)"
)


def extension_condition(name: str, values: Sequence[Any], prefixes: Mapping[str, str]) -> Test | None:
    """The condition, or None where the name is none of an extension field. BadInput where the value does not fit."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    op, inner, where = match["op"], match["inner"] is not None, match["section"] or ""
    if op in ("EQATTR", "EQ_ATTR"):
        field, _, attribute = match["field"].rpartition("_")
        return _attribute(where, _full(field, prefixes), attribute, [plain(one, prefixes) for one in values])
    field = _full(match["field"], prefixes)
    if op == "EXISTS":
        return lambda event: any(True for _ in _found(event, where, field, inner))
    if op == "HASATTR":
        wanted = {str(one) for one in values}
        return lambda event: any(
            isinstance(one, dict) and not wanted.isdisjoint(one) for one in _found(event, where, field, inner)
        )
    if op == "EQ":
        equal = {plain(one, prefixes) for one in values}
        return lambda event: any(
            not isinstance(one, (dict, list)) and plain(one, event.prefixes) in equal
            for one in _found(event, where, field, inner)
        )
    if len(values) != 1:
        raise BadInput(f"{name} takes one value, not {len(values)}.")
    test = COMPARE[op]
    return lambda event: any(holds(test, one, values[0]) for one in _found(event, where, field, inner))


def _full(name: str, prefixes: Mapping[str, str]) -> str:
    return expand_curie(name, prefixes)


def _attribute(where: str, field: str, attribute: str, wanted: Sequence[str]) -> Test:
    def test(event: QueriedEvent) -> bool:
        held = (one for one in _found(event, where, field, inner=False) if isinstance(one, dict))
        return any(attribute in one and plain(one[attribute], event.prefixes) in wanted for one in held)

    return test


def _found(event: QueriedEvent, where: str, field: str, inner: bool) -> Any:
    return extension_values(event, where, field, inner=inner)
