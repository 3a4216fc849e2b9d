"""GS1 identifiers: every Application Identifier with its rules; element strings, brackets and Digital Link URIs both ways;
check digits, EPC URNs and Digital Links as EPCIS uses them.

`read_gs1` reads what a person or a scanner gives; `parse_epc` reads what an EPCIS document names. Both hold values to the
same dictionary.
"""

from ledger.trace.gs1.brackets import bracketed
from ledger.trace.gs1.characters import check_lot, check_serial
from ledger.trace.gs1.check_digit import check_digit, check_gln, check_gtin, check_sscc
from ledger.trace.gs1.digital_link import parse_digital_link
from ledger.trace.gs1.digital_link_uri import digital_link_uri
from ledger.trace.gs1.element_string import element_string
from ledger.trace.gs1.elements import Element
from ledger.trace.gs1.epc import Epc
from ledger.trace.gs1.keys import epc_of
from ledger.trace.gs1.parse import canonical_uri, parse_epc
from ledger.trace.gs1.read import Gs1Data, read_gs1

__all__ = [
    "Element",
    "Epc",
    "Gs1Data",
    "bracketed",
    "canonical_uri",
    "check_digit",
    "check_gln",
    "check_gtin",
    "check_lot",
    "check_serial",
    "check_sscc",
    "digital_link_uri",
    "element_string",
    "epc_of",
    "parse_digital_link",
    "parse_epc",
    "read_gs1",
]
