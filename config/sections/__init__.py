"""The tables of a config file."""
