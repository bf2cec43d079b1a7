"""Every statement this function sends to Snowflake, each a value that renders itself."""
