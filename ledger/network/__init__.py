"""Networks of validators: what an operator builds, starts, checks and joins. The ledger's processes know none of it."""
