"""A consortium at work on the real network: served, under a steady load, and checked. Faults and benchmarks share it."""
