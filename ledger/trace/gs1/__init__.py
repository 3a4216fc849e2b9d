"""GS1 identifiers, thin but right: check digits, EPC URNs and Digital Link URIs as EPCIS uses them."""
