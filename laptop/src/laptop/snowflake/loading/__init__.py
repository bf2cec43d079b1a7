"""From a file in the lake to rows in a table, with a load history."""
