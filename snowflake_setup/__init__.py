"""The custom-resource Lambda: Snowflake's file format, stage, table and pipe as CloudFormation resources."""
