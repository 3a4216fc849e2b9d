"""What the records of a lot contradict or leave open. Pure: disagreement is a result, never an exception."""

from __future__ import annotations

from ledger.trace.findings.finding import Finding, Kind, Severity
from ledger.trace.findings.no_origin import no_origin
from ledger.trace.findings.received_more_than_shipped import received_more_than_shipped
from ledger.trace.findings.same_id_two_contents import same_id_two_contents
from ledger.trace.findings.time_out_of_order import time_out_of_order
from ledger.trace.findings.used_more_than_made import used_more_than_made
from ledger.trace.stated import LotFacts

__all__ = ["Finding", "Kind", "Severity", "find"]


def find(facts: LotFacts) -> tuple[Finding, ...]:
    """All findings about a lot, contradictions first. Consistent and complete records give none."""
    return (
        *same_id_two_contents(facts),
        *received_more_than_shipped(facts),
        *time_out_of_order(facts),
        *used_more_than_made(facts),
        *no_origin(facts),
    )
