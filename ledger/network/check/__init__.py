"""The conformance suite: what a network's nodes can do, found by trying, and what the ledger will do about what differs.

Reads only; with a funded key it also sends a few transactions to itself (`sending`).
"""
