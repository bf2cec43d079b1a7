"""Parsing Snowflake statements into typed values."""
