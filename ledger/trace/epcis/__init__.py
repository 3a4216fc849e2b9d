"""EPCIS 2.0 events: read from JSON or XML, checked against EPCIS and CBV 2.0, never a fetched context."""
