"""Reading a bank's file: camt.052, camt.053 and camt.054 of every version (ISO 20022 Bank-to-Customer Cash Management).

What differs between versions is met where it differs: the status is text or a code below it, details stand in the entry
(version 1) or in NtryDtls, parties are bare or inside Pty or Agt, accounts are IBAN, Othr or the older forms.
"""

from __future__ import annotations

import re

from ledger.errors import BadInput
from ledger.settle.bank.statement import Balance, BankFile, Batch, Entry, Statement, Transaction
from ledger.settle.bank.xml_fields import Fields
from ledger.settle.bank.xml_reading import read_xml

# Message element (without the V01 that first versions carry): the kind, and the element that holds one account.
_MESSAGES = {
    "BkToCstmrAcctRpt": ("camt.052", "Rpt"),
    "BkToCstmrStmt": ("camt.053", "Stmt"),
    "BkToCstmrDbtCdtNtfctn": ("camt.054", "Ntfctn"),
}
_OTHERS = {
    "CstmrCdtTrfInitn": "a payment order (pain.001)",
    "CstmrPmtStsRpt": "a payment status report (pain.002)",
    "CstmrPmtCxlReq": "a request to cancel payments (camt.055)",
}
_NAMESPACE = re.compile(r"(camt\.05[234])\.001\.([0-9]{2})")
_NOT_GIVEN = "NOTPROVIDED"  # what banks write where the payer gave no end-to-end id


def read_statement(data: bytes, *, source: str) -> BankFile:
    """What a bank's file says. `source` names it in errors.

    BadInput, with its line, for what is not XML (see `read_xml`), no such message, or has a fault: a missing element,
    an amount that is not exact in its currency, a direction that is neither CRDT nor DBIT, a date that is none.
    """
    root = read_xml(data, source=source)
    document = root if _local(root.tag) == "Document" else root.find(".//{*}Document")  # some banks send an envelope
    if document is None or not len(document):
        raise BadInput("The file holds no ISO 20022 document.", where=f"{source}:{root.sourceline}", hint=_WANTED)
    message = Fields(document[0], source)
    kind, account_element = _MESSAGES.get(re.sub(r"V[0-9]{2}$", "", message.name), (None, ""))
    if kind is None:
        what = _OTHERS.get(message.name, f"a message of another kind ({message.name})")
        raise BadInput(f"The file is {what}, not a bank statement.", where=message.where, hint=_WANTED)
    named = _NAMESPACE.search(document.nsmap.get(document.prefix) or "")
    if named is None or named.group(1) != kind:
        says = (
            f"says it is {named.group(1)}"
            if named
            else "does not say which message it is (no namespace of camt.052 to camt.054)"
        )
        raise BadInput(
            f"The file {says}, and its content is {kind}.", where=f"{source}:{document.sourceline}", hint=_WANTED
        )
    created = message.need("GrpHdr").moment("CreDtTm")
    if created is None:
        raise BadInput(
            "<GrpHdr> has no <CreDtTm>.", where=message.need("GrpHdr").where, hint="Ask the bank for a complete file."
        )
    reports = message.children(account_element)
    if not reports:
        hint = "Ask the bank for a complete file."
        raise BadInput(f"The file holds no statement (<{account_element}>).", where=message.where, hint=hint)
    statements = tuple(_statement(report, created) for report in reports)
    return BankFile(kind, int(named.group(2)), message.need_text("GrpHdr", "MsgId"), created, statements)


_WANTED = "Hand in a camt.053 statement (or camt.052, camt.054)."


def _statement(report: Fields, created: str) -> Statement:
    account = report.need("Acct")
    number = account.first_text("Id/IBAN", "Id/Othr/Id", "Id/BBAN", "Id/UPIC", "Id/PrtryAcct/Id")
    if number is None:
        raise BadInput("<Acct> names no account.", where=account.where, hint="Ask the bank for a complete file.")
    return Statement(
        id=report.need_text("Id"),
        account=number,
        owner=account.text("Ownr", "Nm"),
        created=report.moment("CreDtTm") or created,
        until=report.moment("FrToDt", "ToDtTm") or report.moment("CreDtTm") or created,
        balances=tuple(_balance(balance) for balance in report.children("Bal")),
        entries=tuple(_entry(entry) for entry in report.children("Ntry")),
        where=report.where,
    )


def _balance(balance: Fields) -> Balance:
    kind = balance.need("Tp")
    code = kind.first_text("CdOrPrtry/Cd", "CdOrPrtry/Prtry", "Cd", "Prtry")
    if code is None:
        raise BadInput(
            "<Bal> does not say which balance it is.", where=balance.where, hint="Ask the bank for a complete file."
        )
    amount = balance.need_amount("Amt")
    signed = amount.minor if balance.need_direction() == "credit" else -amount.minor
    return Balance(code, signed, amount.currency, balance.day("Dt"))


def _entry(entry: Fields) -> Entry:
    status = entry.need("Sts")
    code = status.first_text("Cd", "Prtry") or status.text()
    if code is None:
        raise BadInput("<Sts> is empty.", where=status.where, hint="It should say BOOK, PDNG or INFO.")
    holders = [entry, *entry.children("NtryDtls")]
    return Entry(
        amount=entry.need_amount("Amt"),
        direction=entry.need_direction(),
        reversal=entry.flag("RvslInd"),
        status=code,
        booked_on=entry.day("BookgDt"),
        valued_on=entry.day("ValDt"),
        reference=entry.text("NtryRef"),
        bank_reference=entry.text("AcctSvcrRef"),
        batches=tuple(_batch(batch) for holder in holders for batch in holder.children("Btch")),
        transactions=tuple(_transaction(details) for holder in holders for details in holder.children("TxDtls")),
        information=entry.text("AddtlNtryInf"),
        where=entry.where,
    )


def _batch(batch: Fields) -> Batch:
    count = batch.text("NbOfTxs")
    if count is not None and not re.fullmatch(r"[0-9]{1,15}", count):
        raise BadInput(f"<NbOfTxs> is no number: {count!r}.", where=batch.need("NbOfTxs").where)
    return Batch(batch.text("MsgId"), batch.text("PmtInfId"), None if count is None else int(count))


def _transaction(details: Fields) -> Transaction:
    direction = details.direction()
    end_to_end_id = details.text("Refs", "EndToEndId")
    return Transaction(
        end_to_end_id=None if end_to_end_id == _NOT_GIVEN else end_to_end_id,
        instruction_id=details.text("Refs", "InstrId"),
        message_id=details.text("Refs", "MsgId"),
        payment_information_id=details.text("Refs", "PmtInfId"),
        bank_reference=details.text("Refs", "AcctSvcrRef"),
        amount=details.amount("Amt")
        or details.amount("AmtDtls", "TxAmt", "Amt")
        or details.amount("AmtDtls", "InstdAmt", "Amt"),
        direction=direction,
        remittance=tuple(text for line in _remittance(details) if (text := line.text()) is not None),
        counterparty=details.first_text(*_COUNTERPARTY),
        counterparty_account=details.first_text(*_COUNTERPARTY_ACCOUNT),
        debtor=details.first_text(*_paths("Dbtr", below=_NAMES)),
        debtor_account=details.first_text(*_paths("DbtrAcct", below=_NUMBERS)),
        debtor_bank_code=details.first_text("RltdAgts/DbtrAgt/FinInstnId/ClrSysMmbId/MmbId"),
        return_reason=_return_reason(details),
        where=details.where,
    )


def _paths(*parties: str, below: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"RltdPties/{party}/{tail}" for party in parties for tail in below)


# The other side of a payment of ours is its creditor, of one to us its debtor. Banks often leave out the account's own.
_NAMES = ("Nm", "Pty/Nm", "Agt/FinInstnId/Nm")
_NUMBERS = ("Id/IBAN", "Id/Othr/Id", "Id/BBAN", "Id/PrtryAcct/Id")
_COUNTERPARTY = _paths("Cdtr", "Dbtr", below=_NAMES)
_COUNTERPARTY_ACCOUNT = _paths("CdtrAcct", "DbtrAcct", below=_NUMBERS)


def _remittance(details: Fields) -> list[Fields]:
    information = details.child("RmtInf")
    if information is None:
        return []
    structured = [reference for part in information.children("Strd") if (reference := part.child("CdtrRefInf", "Ref"))]
    return [*information.children("Ustrd"), *structured]


def _return_reason(details: Fields) -> str | None:
    returned = details.child("RtrInf")
    if returned is None:
        return None
    return returned.first_text("Rsn/Cd", "Rsn/Prtry", "AddtlInf") or "no reason given"


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
