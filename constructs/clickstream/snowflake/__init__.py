"""Snowflake's half of the pipeline, as resources of a stack."""
