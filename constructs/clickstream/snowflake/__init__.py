"""The Snowflake side of the pipeline, as resources of a stack."""
