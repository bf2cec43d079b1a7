"""Lines that are missing in the table, written into the lake again so that Snowpipe loads each once."""
