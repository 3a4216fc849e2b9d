"""Suyuan (溯源): where a product came from, and who was paid what for it."""

__version__ = "0.4.0"
