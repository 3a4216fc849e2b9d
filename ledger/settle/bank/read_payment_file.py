"""Reading a payment file (pain.001, every version) as a bank does: who pays whom how much; its own sums are checked."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.errors import BadInput
from ledger.settle.bank.statement import Amount
from ledger.settle.bank.xml_fields import Fields
from ledger.settle.bank.xml_reading import read_xml
from ledger.settle.money import amount_text, parse_amount


@dataclass(frozen=True)
class Instruction:
    """One payment that the file asks for."""

    payment_information_id: str
    instruction_id: str | None
    end_to_end_id: str
    amount: Amount
    creditor: str
    creditor_account: str
    remittance: str | None


@dataclass(frozen=True)
class PaymentOrder:
    """A file of payments from one account. `created` is ISO 8601 text."""

    message_id: str
    created: str
    debtor: str
    debtor_account: str
    instructions: tuple[Instruction, ...]


def read_payment_order(data: bytes, *, source: str) -> PaymentOrder:
    """What a pain.001 asks for. BadInput, with its line, when it is none, misses a part, or its sums are wrong."""
    root = read_xml(data, source=source)
    message = Fields(root, source).child("CstmrCdtTrfInitn")
    if message is None:
        raise BadInput("The file is no payment order (pain.001).", where=f"{source}:{root.sourceline}")
    header, batches = message.need("GrpHdr"), message.children("PmtInf")
    if not batches:
        raise BadInput("The file pays nothing (no <PmtInf>).", where=message.where)
    instructions = tuple(
        _instruction(transfer, batch.need_text("PmtInfId"))
        for batch in batches
        for transfer in batch.children("CdtTrfTxInf")
    )
    _check_sums(header, instructions)
    accounts = {_account(batch.need("DbtrAcct")) for batch in batches}
    if len(accounts) > 1:
        raise BadInput("The file pays from several accounts.", where=message.where, hint="Hand in one file an account.")
    created = header.moment("CreDtTm")
    if created is None:
        raise BadInput("<GrpHdr> has no <CreDtTm>.", where=header.where)
    return PaymentOrder(
        message_id=header.need_text("MsgId"),
        created=created,
        debtor=batches[0].need_text("Dbtr", "Nm"),
        debtor_account=accounts.pop(),
        instructions=instructions,
    )


def _instruction(transfer: Fields, payment_information_id: str) -> Instruction:
    return Instruction(
        payment_information_id=payment_information_id,
        instruction_id=transfer.text("PmtId", "InstrId"),
        end_to_end_id=transfer.need_text("PmtId", "EndToEndId"),
        amount=transfer.need_amount("Amt", "InstdAmt"),
        creditor=transfer.need_text("Cdtr", "Nm"),
        creditor_account=_account(transfer.need("CdtrAcct")),
        remittance=transfer.text("RmtInf", "Ustrd"),
    )


def _account(account: Fields) -> str:
    number = account.first_text("Id/IBAN", "Id/Othr/Id")
    if number is None:
        raise BadInput(f"<{account.name}> names no account.", where=account.where)
    return number


def _check_sums(header: Fields, instructions: tuple[Instruction, ...]) -> None:
    count = header.need_text("NbOfTxs")
    if count != str(len(instructions)):
        raise BadInput(
            f"<NbOfTxs> says {count}, and the file holds {len(instructions)}.", where=header.need("NbOfTxs").where
        )
    currencies = {instruction.amount.currency for instruction in instructions}
    control = header.text("CtrlSum")
    if control is not None and len(currencies) == 1:
        currency = currencies.pop()
        total = sum(instruction.amount.minor for instruction in instructions)
        if parse_amount(control, currency, where=header.need("CtrlSum").where) != total:
            what = f"<CtrlSum> says {control}, and the payments sum to {amount_text(total, currency)}."
            raise BadInput(what, where=header.need("CtrlSum").where)
    seen: set[str] = set()
    for instruction in instructions:
        if instruction.end_to_end_id in seen:
            raise BadInput(f"The end-to-end id {instruction.end_to_end_id} stands twice.", where=header.source)
        seen.add(instruction.end_to_end_id)
