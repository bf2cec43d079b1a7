"""The subcommands of `clickstream`."""
