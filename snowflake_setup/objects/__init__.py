"""The lifecycle of each kind of Snowflake object."""
