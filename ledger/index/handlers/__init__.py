"""One handler an event, each in a file of its event's name. A handler writes rows, and only rows.

A file has one or both of `apply(rows, event, context)`, called log by log in the order of the chain, and `append(rows,
logs)`, called once for all logs of a window, for rows that depend on nothing but their own log. A handler that asks for
rows which other events made (`rows.get`, `rows.move`) is quicker with a function `touches(event, context)` that names
them: (table, primary key) of each.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from types import ModuleType
from typing import Any, get_args, get_type_hints

from ledger.index.context import Context
from ledger.index.handlers import (
    account_frozen,
    account_reset,
    account_rotated,
    account_unfrozen,
    batch_paid,
    batch_placed,
    batch_refunded,
    batch_settled,
    campaign_closed,
    campaign_opened,
    constitution_changed,
    contract_pointed,
    credit_minted,
    credit_transferred,
    debt_paid,
    escrow_admitted,
    escrow_funded,
    escrow_retired,
    function_lifted,
    function_stopped,
    fund_paid_in,
    fund_paid_out,
    governance_handed_over,
    grant_revoked,
    items_committed,
    key_revoked,
    lift_called,
    location_assigned,
    member_admitted,
    member_expelled,
    member_left,
    member_reinstated,
    member_suspended,
    operator_set,
    order_delivered,
    order_paid,
    order_placed,
    order_refunded,
    order_settled,
    order_taken_out,
    product_assigned,
    promoted_order_paid,
    promoted_order_placed,
    promoted_order_settled_up,
    proposal_executed,
    proposal_fell,
    proposal_made,
    proposal_passed,
    proposal_withdrawn,
    recall_closed,
    recall_opened,
    refund_booked,
    refund_returned,
    refund_uncovered,
    registrar_set,
    reservation_released,
    roles_changed,
    rule_adopted,
    rule_proposed,
    rule_signed,
    statement_recorded,
    stop_called,
    validator_unwanted,
    validator_wanted,
    variant_opened,
    vote_cast,
    withdrawal_booked,
    withdrawal_requested,
    withdrawal_returned,
)
from ledger.index.logs import Logs
from ledger.index.rows import Rows

HANDLERS: tuple[ModuleType, ...] = (
    account_frozen,
    account_reset,
    account_rotated,
    account_unfrozen,
    batch_paid,
    batch_placed,
    batch_refunded,
    batch_settled,
    campaign_closed,
    campaign_opened,
    constitution_changed,
    contract_pointed,
    credit_minted,
    credit_transferred,
    debt_paid,
    escrow_admitted,
    escrow_funded,
    escrow_retired,
    function_lifted,
    function_stopped,
    fund_paid_in,
    fund_paid_out,
    governance_handed_over,
    grant_revoked,
    items_committed,
    key_revoked,
    lift_called,
    location_assigned,
    member_admitted,
    member_expelled,
    member_left,
    member_reinstated,
    member_suspended,
    operator_set,
    order_delivered,
    order_paid,
    order_placed,
    order_refunded,
    order_settled,
    order_taken_out,
    product_assigned,
    promoted_order_paid,
    promoted_order_placed,
    promoted_order_settled_up,
    proposal_executed,
    proposal_fell,
    proposal_made,
    proposal_passed,
    proposal_withdrawn,
    recall_closed,
    recall_opened,
    refund_booked,
    refund_returned,
    refund_uncovered,
    registrar_set,
    reservation_released,
    roles_changed,
    rule_adopted,
    rule_proposed,
    rule_signed,
    statement_recorded,
    stop_called,
    validator_unwanted,
    validator_wanted,
    variant_opened,
    vote_cast,
    withdrawal_booked,
    withdrawal_requested,
    withdrawal_returned,
)


def apply(rows: Rows, event: Any, context: Context) -> None:
    """Writes the rows of one event. Harmless when repeated in order."""
    module = _by_event()[type(event)]
    if hasattr(module, "apply"):
        module.apply(rows, event, context)
    if hasattr(module, "append"):
        arguments = {field.name: [getattr(event, field.name)] for field in fields(event)}
        place = [context.block], [context.log_index], [context.tx_hash], [context.at]
        module.append(rows, Logs(type(event), *place, arguments))


def event_of(module: ModuleType) -> type[Any]:
    """The event that a handler's module is for."""
    if hasattr(module, "apply"):
        event: type[Any] = get_type_hints(module.apply)["event"]
        return event
    (event,) = get_args(get_type_hints(module.append)["logs"])
    return event


@cache
def _by_event() -> dict[type[Any], ModuleType]:
    return {event_of(module): module for module in HANDLERS}
