"""All statements this function sends to Snowflake, as values that render themselves."""
