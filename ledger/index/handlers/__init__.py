"""One handler an event, each in a file of its event's name. A handler writes rows, and only rows."""

from __future__ import annotations

from typing import assert_never

from ledger.index import events
from ledger.index.context import Context
from ledger.index.handlers import (
    account_frozen,
    account_unfrozen,
    credit_minted,
    credit_transferred,
    grant_revoked,
    items_committed,
    location_assigned,
    member_admitted,
    member_reinstated,
    member_suspended,
    order_delivered,
    order_paid,
    order_placed,
    order_settled,
    payout_credited,
    product_assigned,
    recall_closed,
    recall_opened,
    roles_changed,
    rule_adopted,
    rule_proposed,
    rule_signed,
    statement_recorded,
    withdrawal_booked,
    withdrawal_requested,
    withdrawal_returned,
)
from ledger.index.rows import Rows


def apply(rows: Rows, event: events.ChainEvent, context: Context) -> None:
    """Writes the rows of one event. Harmless when repeated in order."""
    match event:
        case events.MemberAdmitted():
            member_admitted.apply(rows, event, context)
        case events.RolesChanged():
            roles_changed.apply(rows, event, context)
        case events.MemberSuspended():
            member_suspended.apply(rows, event, context)
        case events.MemberReinstated():
            member_reinstated.apply(rows, event, context)
        case events.LocationAssigned():
            location_assigned.apply(rows, event, context)
        case events.ProductAssigned():
            product_assigned.apply(rows, event, context)
        case events.GrantRevoked():
            grant_revoked.apply(rows, event, context)
        case events.StatementRecorded():
            statement_recorded.apply(rows, event, context)
        case events.ItemsCommitted():
            items_committed.apply(rows, event, context)
        case events.RecallOpened():
            recall_opened.apply(rows, event, context)
        case events.RecallClosed():
            recall_closed.apply(rows, event, context)
        case events.RuleProposed():
            rule_proposed.apply(rows, event, context)
        case events.RuleSigned():
            rule_signed.apply(rows, event, context)
        case events.RuleAdopted():
            rule_adopted.apply(rows, event, context)
        case events.OrderPlaced():
            order_placed.apply(rows, event, context)
        case events.OrderPaid():
            order_paid.apply(rows, event, context)
        case events.OrderDelivered():
            order_delivered.apply(rows, event, context)
        case events.OrderSettled():
            order_settled.apply(rows, event, context)
        case events.PayoutCredited():
            payout_credited.apply(rows, event, context)
        case events.CreditMinted():
            credit_minted.apply(rows, event, context)
        case events.CreditTransferred():
            credit_transferred.apply(rows, event, context)
        case events.WithdrawalRequested():
            withdrawal_requested.apply(rows, event, context)
        case events.WithdrawalBooked():
            withdrawal_booked.apply(rows, event, context)
        case events.WithdrawalReturned():
            withdrawal_returned.apply(rows, event, context)
        case events.AccountFrozen():
            account_frozen.apply(rows, event, context)
        case events.AccountUnfrozen():
            account_unfrozen.apply(rows, event, context)
        case _:
            assert_never(event)
