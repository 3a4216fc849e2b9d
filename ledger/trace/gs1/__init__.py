"""GS1 identifiers, thin but right: check digits, EPC URNs and Digital Link URIs as EPCIS uses them.

The dictionary of all Application Identifiers is not here; `keys` holds those that an EPC can be.
"""

from ledger.trace.gs1.characters import check_lot, check_serial
from ledger.trace.gs1.check_digit import check_digit, check_gln, check_gtin, check_sscc
from ledger.trace.gs1.digital_link import parse_digital_link
from ledger.trace.gs1.epc import Epc
from ledger.trace.gs1.keys import epc_of
from ledger.trace.gs1.parse import canonical_uri, parse_epc

__all__ = [
    "Epc",
    "canonical_uri",
    "check_digit",
    "check_gln",
    "check_gtin",
    "check_lot",
    "check_serial",
    "check_sscc",
    "epc_of",
    "parse_digital_link",
    "parse_epc",
]
