"""Loading: files in the lake become rows in a table, with a load history."""
