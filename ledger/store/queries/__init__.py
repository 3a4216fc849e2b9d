"""Small typed reads of the rows, one file a noun."""
