"""A stand-in for the Snowflake side of the pipeline: the connector's protocol over DuckDB, on loopback."""
