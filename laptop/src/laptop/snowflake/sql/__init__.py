"""Snowflake statements as typed values: from text to what was asked."""
