"""The SQL that a deployment would run."""
