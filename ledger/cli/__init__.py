"""The command `suyuan`: thin. Each command opens a home, calls the ledger, prints, and exits 0 for yes."""
