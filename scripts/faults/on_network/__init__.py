"""Faults on the real network, each a function that makes it under load, heals it, and says what it saw."""
