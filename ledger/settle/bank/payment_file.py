"""The payment file: a pain.001.001.09 that tells a bank to pay withdrawals and refunds out (ISO 20022 Customer Credit
Transfer).

Pure: the same payouts give the same bytes. A payout's end-to-end id comes from its withdrawal's number, or from the order,
the number and the attempt of its refund; the message id from everything the file pays, so that a bank that gets the file
twice can tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from ledger.errors import BadInput
from ledger.settle.bank.xml_writing import Document, moment_text, text_within
from ledger.settle.money import CNY, amount_text

MESSAGE = "pain.001.001.09"
_CLEARING_SYSTEM = "CNAPS"  # ISO 20022 external code: China National Advanced Payment System
_MOST_FEN = 10**18 - 1  # the schema's 18 digits


@dataclass(frozen=True)
class BankAccount:
    """Whose account it is, its number, and its bank's CNAPS code (联行号)."""

    holder: str
    number: str
    bank_code: str


@dataclass(frozen=True)
class Payout:
    """One withdrawal and where it goes."""

    withdrawal: int
    amount_fen: int
    account: BankAccount

    @property
    def end_to_end_id(self) -> str:
        """At most 35 characters for every number that the chain can give (20 digits)."""
        return end_to_end_id(self.withdrawal)

    @property
    def name(self) -> str:
        return f"withdrawal {self.withdrawal}"

    @property
    def remittance(self) -> str:
        return f"Suyuan withdrawal {self.withdrawal}"


@dataclass(frozen=True)
class RefundPayout:
    """One refund of an order, the account that paid, and how often it was tried: the first attempt is 1."""

    order_id: str
    order_number: str
    refund: int
    attempt: int
    amount_fen: int
    account: BankAccount

    @property
    def end_to_end_id(self) -> str:
        """At most 35 characters up to the 9,999th attempt. The first 56 bits of the order's id and its last 16, which are the
        position of one in a batch, tell it from others: the table's key sees to it."""
        return f"SUYUAN-R{self.order_id[2:16].upper()}{self.order_id[-4:].upper()}-{self.refund}-{self.attempt}"

    @property
    def name(self) -> str:
        return f"refund {self.refund} of order {self.order_number}"

    @property
    def remittance(self) -> str:
        """What the shopper reads."""
        return f"退款 refund: {self.order_number}"


@dataclass(frozen=True)
class PaymentFile:
    """The file's bytes, the id it goes by, and the payouts in the order in which it names them."""

    message_id: str
    data: bytes
    payouts: tuple[Payout | RefundPayout, ...]


def end_to_end_id(withdrawal: int) -> str:
    return f"SUYUAN-W{withdrawal}"


def write_payment_file(
    payouts: Sequence[Payout | RefundPayout], *, debtor: BankAccount, created_at: int
) -> PaymentFile:
    """A file that pays each payout once: withdrawals by number, then refunds as given. `created_at` in seconds since the
    Unix epoch.

    BadInput when there is nothing to pay, a payout stands twice, an amount is not positive, or a name or number does not
    fit the schema.
    """
    withdrawals = [payout for payout in payouts if isinstance(payout, Payout)]
    refunds = [payout for payout in payouts if isinstance(payout, RefundPayout)]
    ordered: tuple[Payout | RefundPayout, ...] = (*sorted(withdrawals, key=lambda payout: payout.withdrawal), *refunds)
    _check(ordered)
    message_id = _message_id(ordered, debtor)
    document = Document(MESSAGE)
    message = document.add(document.root, "CstmrCdtTrfInitn")
    count, total = str(len(ordered)), amount_text(sum(payout.amount_fen for payout in ordered))
    header = document.add(message, "GrpHdr")
    document.add(header, "MsgId", message_id)
    document.add(header, "CreDtTm", moment_text(created_at))
    document.add(header, "NbOfTxs", count)
    document.add(header, "CtrlSum", total)
    document.add(header, "InitgPty/Nm", text_within(debtor.holder, 140, what="paying account's holder"))
    batch = document.add(message, "PmtInf")
    document.add(batch, "PmtInfId", message_id)
    document.add(batch, "PmtMtd", "TRF")
    document.add(batch, "BtchBookg", "false")  # each payout its own line in the statement
    document.add(batch, "NbOfTxs", count)
    document.add(batch, "CtrlSum", total)
    document.add(batch, "ReqdExctnDt/Dt", moment_text(created_at)[:10])
    document.add(batch, "Dbtr/Nm", text_within(debtor.holder, 140, what="paying account's holder"))
    _account(document, document.add(batch, "DbtrAcct"), debtor)
    _agent(document, document.add(batch, "DbtrAgt"), debtor)
    document.add(batch, "ChrgBr", "DEBT")  # the payee gets the whole amount
    for payout in ordered:
        _transfer(document, document.add(batch, "CdtTrfTxInf"), payout)
    return PaymentFile(message_id, document.to_bytes(), ordered)


def _transfer(document: Document, transfer: etree._Element, payout: Payout | RefundPayout) -> None:
    identity = document.add(transfer, "PmtId")
    document.add(identity, "InstrId", payout.end_to_end_id)
    document.add(identity, "EndToEndId", payout.end_to_end_id)
    document.add(transfer, "Amt/InstdAmt", amount_text(payout.amount_fen), Ccy=CNY)
    holder = text_within(payout.account.holder, 140, what=f"holder of the account for {payout.name}")
    _agent(document, document.add(transfer, "CdtrAgt"), payout.account)
    document.add(transfer, "Cdtr/Nm", holder)
    _account(document, document.add(transfer, "CdtrAcct"), payout.account)
    document.add(transfer, "RmtInf/Ustrd", _remittance(payout))


def _remittance(payout: Payout | RefundPayout) -> str:
    """An order's number that no file can carry holds up nobody's money."""
    try:
        return text_within(payout.remittance, 140, what=f"text for {payout.name}")
    except BadInput:
        return payout.end_to_end_id


def _account(document: Document, element: etree._Element, account: BankAccount) -> None:
    document.add(element, "Id/Othr/Id", text_within(account.number, 34, what="account number"))
    document.add(element, "Ccy", CNY)


def _agent(document: Document, element: etree._Element, account: BankAccount) -> None:
    member = document.add(element, "FinInstnId/ClrSysMmbId")
    document.add(member, "ClrSysId/Cd", _CLEARING_SYSTEM)
    document.add(member, "MmbId", text_within(account.bank_code, 35, what="bank code"))


def _check(payouts: Sequence[Payout | RefundPayout]) -> None:
    if not payouts:
        raise BadInput("There is nothing to pay out.", hint="Withdraw first.")
    seen: set[str] = set()
    for payout in payouts:
        name = payout.name[0].upper() + payout.name[1:]
        if payout.end_to_end_id in seen:
            raise BadInput(f"{name} stands twice.", hint="Name each payout once.")
        seen.add(payout.end_to_end_id)
        if payout.amount_fen <= 0:
            raise BadInput(f"{name} is of {payout.amount_fen} fen: it must be positive.")
    if sum(payout.amount_fen for payout in payouts) > _MOST_FEN:
        raise BadInput("The sum of the payouts is larger than a payment file can state.", hint="Write several files.")


def _message_id(payouts: Sequence[Payout | RefundPayout], debtor: BankAccount) -> str:
    lines = [repr(debtor), *(repr(payout) for payout in payouts)]
    return f"SUYUAN-{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()[:24].upper()}"
