"""Reads that only the API asks for, each a query or two over the tables."""
