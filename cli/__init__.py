"""The `clickstream` command."""
