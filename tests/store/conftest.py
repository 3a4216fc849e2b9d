"""Databases to test on."""

from databases import cluster, database_url, engine

__all__ = ["cluster", "database_url", "engine"]
