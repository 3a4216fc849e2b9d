"""The JSON surface, one file a noun."""
