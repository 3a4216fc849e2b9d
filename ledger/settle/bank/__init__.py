"""Bank files: ISO 20022 payment files out (pain.001), statements in (camt.052 to 054), a stand-in bank between."""
