"""The chain's events, named and ordered as in contracts/src/interfaces: what a log says, decoded.

`bytes32` is bytes, an address its EIP-55 text, a GLN or GTIN the number that its digits make. Text that is no UTF-8, or
holds a NUL, stands as the hex of its bytes with 0x: whoever sends a transaction chooses the bytes, and no one member
may stop the line for all.
"""

from __future__ import annotations

from dataclasses import dataclass

# --- Members ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MemberAdmitted:
    member: int
    account: str
    roles: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class RolesChanged:
    member: int
    roles: int


@dataclass(frozen=True, slots=True)
class MemberSuspended:
    member: int
    reason: str


@dataclass(frozen=True, slots=True)
class MemberReinstated:
    member: int


@dataclass(frozen=True, slots=True)
class LocationAssigned:
    gln: int
    member: int
    name: str


@dataclass(frozen=True, slots=True)
class ProductAssigned:
    gtin: int
    member: int
    name: str


@dataclass(frozen=True, slots=True)
class GrantRevoked:
    grant_hash: bytes
    member: int


# --- Members: governance, keys, stops ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GovernanceHandedOver:
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class RegistrarSet:
    registrar: str


@dataclass(frozen=True, slots=True)
class MemberExpelled:
    member: int
    reason: str


@dataclass(frozen=True, slots=True)
class MemberLeft:
    member: int


@dataclass(frozen=True, slots=True)
class AccountRotated:
    member: int
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class AccountReset:
    member: int
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class OperatorSet:
    member: int
    key: str
    roles: int
    until: int


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    member: int
    key: str


@dataclass(frozen=True, slots=True)
class FunctionStopped:
    target: str
    selector: bytes
    until: int
    reason: str


@dataclass(frozen=True, slots=True)
class FunctionLifted:
    target: str
    selector: bytes


# --- Council ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConstitutionChanged:
    quorum_bps: int
    delay_seconds: int
    voting_seconds: int
    execution_seconds: int
    emergency_seats: int
    emergency_max_seconds: int
    emergency_window_seconds: int


@dataclass(frozen=True, slots=True)
class ProposalMade:
    proposal: int
    member: int
    target: str
    data: bytes
    voting_ends: int
    reason: str


@dataclass(frozen=True, slots=True)
class VoteCast:
    proposal: int
    member: int
    yes: bool


@dataclass(frozen=True, slots=True)
class ProposalPassed:
    proposal: int
    executable_from: int
    expires: int


@dataclass(frozen=True, slots=True)
class ProposalFell:
    proposal: int


@dataclass(frozen=True, slots=True)
class ProposalExecuted:
    proposal: int


@dataclass(frozen=True, slots=True)
class ProposalWithdrawn:
    proposal: int


@dataclass(frozen=True, slots=True)
class StopCalled:
    member: int
    target: str
    selector: bytes
    duration: int
    reason: str


@dataclass(frozen=True, slots=True)
class LiftCalled:
    member: int
    target: str
    selector: bytes


# --- Validators, Directory -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ValidatorWanted:
    member: int
    validator: str


@dataclass(frozen=True, slots=True)
class ValidatorUnwanted:
    member: int
    validator: str


@dataclass(frozen=True, slots=True)
class ContractPointed:
    name: bytes
    at: str
    former: str


# --- Statements, ItemCodes, Recalls ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StatementRecorded:
    commitment: bytes
    member: int
    grant_hash: bytes


@dataclass(frozen=True, slots=True)
class ItemsCommitted:
    root: bytes
    gtin: int
    member: int
    lot: str
    count: int
    manifest: bytes


@dataclass(frozen=True, slots=True)
class RecallOpened:
    gtin: int
    member: int
    lot: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecallClosed:
    gtin: int
    member: int
    lot: str


# --- Rules -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leg:
    payee: int
    kind: int
    value: int
    cap: int
    floor: int


@dataclass(frozen=True, slots=True)
class RuleProposed:
    rule: int
    version: int
    merchant: int
    base: int
    legs: tuple[Leg, ...]
    legs_hash: bytes
    required: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VariantOpened:
    rule: int
    version: int
    variant: int
    tiers: tuple[int, ...]
    nested_versions: tuple[int, ...]
    legs: bytes
    legs_hash: bytes


@dataclass(frozen=True, slots=True)
class RuleSigned:
    rule: int
    version: int
    member: int


@dataclass(frozen=True, slots=True)
class RuleAdopted:
    rule: int
    version: int
    legs_hash: bytes


# --- Escrow ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    order: bytes
    merchant: int
    number: str
    amount_fen: int
    rule: int
    carrier: int


@dataclass(frozen=True, slots=True)
class OrderPaid:
    order: bytes
    amount_fen: int
    rule: int
    version: int
    legs_hash: bytes
    bank_reference: str


@dataclass(frozen=True, slots=True)
class OrderDelivered:
    order: bytes
    carrier: int
    evidence: bytes


@dataclass(frozen=True, slots=True)
class OrderSettled:
    order: bytes
    parts: bytes


@dataclass(frozen=True, slots=True)
class OrderRefunded:
    order: bytes
    number: int
    amount_fen: int
    refunded_fen: int
    settled: bool
    reason: str


@dataclass(frozen=True, slots=True)
class BatchPlaced:
    batch: bytes
    merchant: int
    manifest: bytes
    amounts_root: bytes
    total_fen: int
    rule: int
    carrier: int
    count: int
    width: int


@dataclass(frozen=True, slots=True)
class BatchPaid:
    batch: bytes
    rule: int
    version: int
    legs_hash: bytes
    bank_reference: str
    amounts: bytes


@dataclass(frozen=True, slots=True)
class BatchSettled:
    batch: bytes
    carrier: int
    evidence: bytes
    settled: tuple[int, ...]
    totals_fen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BatchRefunded:
    batch: bytes
    refunded: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class OrderTakenOut:
    batch: bytes
    order: bytes
    position: int
    amount_fen: int
    settled: bool


# --- Credit ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CreditMinted:
    order: bytes
    amount_fen: int
    bank_reference: str


@dataclass(frozen=True, slots=True)
class CreditTransferred:
    from_: int
    to: int
    amount_fen: int
    memo: str


@dataclass(frozen=True, slots=True)
class WithdrawalRequested:
    withdrawal: int
    member: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class WithdrawalBooked:
    withdrawal: int
    member: int
    amount_fen: int
    bank_reference: str


@dataclass(frozen=True, slots=True)
class WithdrawalReturned:
    withdrawal: int
    member: int
    amount_fen: int
    booked: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RefundUncovered:
    member: int
    fund_fen: int
    due_fen: int


@dataclass(frozen=True, slots=True)
class DebtPaid:
    member: int
    amount_fen: int
    due_fen: int


@dataclass(frozen=True, slots=True)
class FundPaidIn:
    member: int
    amount_fen: int
    due_fen: int


@dataclass(frozen=True, slots=True)
class FundPaidOut:
    member: int
    amount_fen: int
    reason: str


@dataclass(frozen=True, slots=True)
class RefundBooked:
    order: bytes
    number: int
    amount_fen: int
    bank_reference: str


@dataclass(frozen=True, slots=True)
class RefundReturned:
    order: bytes
    number: int
    amount_fen: int
    reason: str


@dataclass(frozen=True, slots=True)
class AccountFrozen:
    member: int
    by: int
    reason: str


@dataclass(frozen=True, slots=True)
class AccountUnfrozen:
    member: int
    by: int


@dataclass(frozen=True, slots=True)
class EscrowFunded:
    member: int
    escrow: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class EscrowAdmitted:
    escrow: str


@dataclass(frozen=True, slots=True)
class EscrowRetired:
    escrow: str


# --- Campaigns -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CampaignTerms:
    kind: int
    rank: int
    repeats: bool
    sponsor_bps: int
    bps: int
    value_fen: int
    threshold_fen: int
    cap_fen: int
    budget_fen: int
    payee: int
    hold_seconds: int
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class CampaignOpened:
    campaign: int
    sponsor: int
    name: str
    terms: CampaignTerms
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CampaignClosed:
    campaign: int
    returned_fen: int


@dataclass(frozen=True, slots=True)
class PromotedOrderPlaced:
    order: bytes
    list_fen: int
    amount_fen: int
    shopper_fen: int
    campaigns: tuple[int, ...]
    off_fen: tuple[int, ...]
    sponsor_fen: tuple[int, ...]
    commission_fen: tuple[int, ...]
    until: int


@dataclass(frozen=True, slots=True)
class ReservationReleased:
    order: bytes


@dataclass(frozen=True, slots=True)
class PromotedOrderPaid:
    order: bytes
    shopper_fen: int
    sponsors_fen: int


@dataclass(frozen=True, slots=True)
class PromotedOrderSettledUp:
    order: bytes
    refunded_fen: int
    shopper_back_fen: int
    back_fen: tuple[int, ...]
    commission_fen: tuple[int, ...]


ChainEvent = (
    MemberAdmitted
    | RolesChanged
    | MemberSuspended
    | MemberReinstated
    | LocationAssigned
    | ProductAssigned
    | GrantRevoked
    | StatementRecorded
    | ItemsCommitted
    | RecallOpened
    | RecallClosed
    | RuleProposed
    | RuleSigned
    | RuleAdopted
    | VariantOpened
    | OrderPlaced
    | OrderPaid
    | OrderDelivered
    | OrderSettled
    | OrderRefunded
    | BatchPlaced
    | BatchPaid
    | BatchSettled
    | BatchRefunded
    | OrderTakenOut
    | RefundUncovered
    | DebtPaid
    | FundPaidIn
    | FundPaidOut
    | RefundBooked
    | RefundReturned
    | CreditMinted
    | CreditTransferred
    | WithdrawalRequested
    | WithdrawalBooked
    | WithdrawalReturned
    | AccountFrozen
    | AccountUnfrozen
    | GovernanceHandedOver
    | RegistrarSet
    | MemberExpelled
    | MemberLeft
    | AccountRotated
    | AccountReset
    | OperatorSet
    | KeyRevoked
    | FunctionStopped
    | FunctionLifted
    | ConstitutionChanged
    | ProposalMade
    | VoteCast
    | ProposalPassed
    | ProposalFell
    | ProposalExecuted
    | ProposalWithdrawn
    | StopCalled
    | LiftCalled
    | ValidatorWanted
    | ValidatorUnwanted
    | ContractPointed
    | EscrowAdmitted
    | EscrowRetired
    | EscrowFunded
    | CampaignOpened
    | CampaignClosed
    | PromotedOrderPlaced
    | ReservationReleased
    | PromotedOrderPaid
    | PromotedOrderSettledUp
)
