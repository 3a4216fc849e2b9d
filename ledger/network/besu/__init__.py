"""A Besu QBFT network of N members on N machines, as files: members' keys, genesis, a folder for each machine.

Nothing here starts Besu, and these files were not run by us: `suyuan network check` is what an operator points at the
network once it runs.
"""
