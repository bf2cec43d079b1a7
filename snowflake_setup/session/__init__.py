"""A session in Snowflake: login, statements, refusals, secrets, time and log."""
