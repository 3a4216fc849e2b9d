"""StandInBank is NOT A BANK. It takes a payment file, pretends to pay it, and answers with a statement.

It stands where a real bank's file exchange will: it moves no money, knows no accounts, and says in every statement what
it is. It reads and writes what a bank would, pain.001 and camt.053.001.08, and the same file gets the same answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from lxml import etree

from ledger.errors import BadInput
from ledger.settle.bank.read_payment_file import Instruction, PaymentOrder, read_payment_order
from ledger.settle.bank.xml_writing import Document
from ledger.settle.money import CNY, amount_text

MESSAGE = "camt.053.001.08"
NOTICE = "StandInBank: a stand-in, not a bank. No money was moved."


@dataclass(frozen=True)
class StandInBank:
    """A stand-in, not a bank. `opening_fen` is what the paying account holds; None: just what the file asks for."""

    opening_fen: int | None = None

    def execute(self, payment_file: bytes, *, source: str = "payment file") -> bytes:
        """Pays every payment of a pain.001 and answers with the camt.053.001.08 that books each in its own entry.

        BadInput when the file is no pain.001, contradicts itself, is not in CNY, or asks for more than there is.
        """
        order = read_payment_order(payment_file, source=source)
        for instruction in order.instructions:
            if instruction.amount.currency != CNY:
                raise BadInput(
                    f"{instruction.end_to_end_id} is in {instruction.amount.currency}, not CNY.", where=source
                )
        total = sum(instruction.amount.minor for instruction in order.instructions)
        opening = total if self.opening_fen is None else self.opening_fen
        if opening < total:
            held, asked = amount_text(opening), amount_text(total)
            raise BadInput(f"The account holds {held} yuan, and the file asks for {asked}.", where=source)
        return _statement(order, opening, opening - total)


def _statement(order: PaymentOrder, opening: int, closing: int) -> bytes:
    document = Document(MESSAGE)
    message = document.add(document.root, "BkToCstmrStmt")
    identity = _reference("STMT", order.message_id)
    day = order.created[:10]
    header = document.add(message, "GrpHdr")
    document.add(header, "MsgId", identity)
    document.add(header, "CreDtTm", order.created)
    document.add(header, "AddtlInf", NOTICE)
    statement = document.add(message, "Stmt")
    document.add(statement, "Id", identity)
    document.add(statement, "CreDtTm", order.created)
    account = document.add(statement, "Acct")
    document.add(account, "Id/Othr/Id", order.debtor_account)
    document.add(account, "Ccy", CNY)
    document.add(account, "Ownr/Nm", order.debtor)
    document.add(account, "Svcr/FinInstnId/Nm", "StandInBank (not a bank)")
    for code, fen in (("OPBD", opening), ("CLBD", closing)):
        balance = document.add(statement, "Bal")
        document.add(balance, "Tp/CdOrPrtry/Cd", code)
        document.add(balance, "Amt", amount_text(fen), Ccy=CNY)
        document.add(balance, "CdtDbtInd", "CRDT")
        document.add(balance, "Dt/Dt", day)
    for instruction in order.instructions:
        _entry(document, document.add(statement, "Ntry"), instruction, order, day)
    document.add(statement, "AddtlStmtInf", NOTICE)
    return document.to_bytes()


def _entry(document: Document, entry: etree._Element, paid: Instruction, order: PaymentOrder, day: str) -> None:
    reference = _reference("PAID", order.message_id, paid.end_to_end_id)
    amount = amount_text(paid.amount.minor)
    document.add(entry, "NtryRef", paid.end_to_end_id)
    document.add(entry, "Amt", amount, Ccy=CNY)
    document.add(entry, "CdtDbtInd", "DBIT")
    document.add(entry, "Sts/Cd", "BOOK")
    document.add(entry, "BookgDt/Dt", day)
    document.add(entry, "ValDt/Dt", day)
    document.add(entry, "AcctSvcrRef", reference)
    code = document.add(entry, "BkTxCd/Domn")
    document.add(code, "Cd", "PMNT")
    family = document.add(code, "Fmly")
    document.add(family, "Cd", "ICDT")  # issued credit transfer
    document.add(family, "SubFmlyCd", "DMCT")  # domestic
    details = document.add(entry, "NtryDtls/TxDtls")
    references = document.add(details, "Refs")
    document.add(references, "MsgId", order.message_id)
    document.add(references, "AcctSvcrRef", reference)
    document.add(references, "PmtInfId", paid.payment_information_id)
    if paid.instruction_id is not None:
        document.add(references, "InstrId", paid.instruction_id)
    document.add(references, "EndToEndId", paid.end_to_end_id)
    document.add(details, "Amt", amount, Ccy=CNY)
    document.add(details, "CdtDbtInd", "DBIT")
    parties = document.add(details, "RltdPties")
    document.add(parties, "Cdtr/Pty/Nm", paid.creditor)
    document.add(parties, "CdtrAcct/Id/Othr/Id", paid.creditor_account)
    if paid.remittance is not None:
        document.add(details, "RmtInf/Ustrd", paid.remittance)


def _reference(kind: str, *parts: str) -> str:
    """A bank's own reference: the same for the same payment, at most 35 characters."""
    return f"SIB-{kind}-{hashlib.sha256('/'.join(parts).encode()).hexdigest()[:20].upper()}"
