"""The EPCIS 2.0 query (GS1 EPCIS 2.0, section 8.2.7): parameters by the standard's names, read once and checked, then asked of
the rows within what the member may see.

`read_query` reads the parameters, `find_events` answers them page by page.
"""

from ledger.trace.query.event_query import DEFAULT_PER_PAGE, MOST_PER_PAGE, EventQuery
from ledger.trace.query.find_events import FoundEvents, TooManyEvents, find_events
from ledger.trace.query.read_query import read_query, said_in_url
from ledger.trace.query.values_known import RESOURCES, parameter_for, values_known

__all__ = [
    "DEFAULT_PER_PAGE",
    "MOST_PER_PAGE",
    "RESOURCES",
    "EventQuery",
    "FoundEvents",
    "TooManyEvents",
    "find_events",
    "parameter_for",
    "read_query",
    "said_in_url",
    "values_known",
]
