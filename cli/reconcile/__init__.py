"""Completeness of the table: the lake's files against its rows, line by line where they differ, and the repair."""
