"""Loading files of the lake into tables, with a load history."""
