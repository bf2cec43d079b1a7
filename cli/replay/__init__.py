"""Events a second time: files of the lake into a table, or what waits in a Data Stream into the front door."""
