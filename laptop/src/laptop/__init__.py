"""The laptop cloud: what stands in for AWS and Snowflake when there is no account."""
