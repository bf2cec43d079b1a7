"""SELECT and the row-changing statements: Snowflake's dialect over DuckDB."""
