"""The landing Lambda: Snowflake objects as CloudFormation custom resources."""
