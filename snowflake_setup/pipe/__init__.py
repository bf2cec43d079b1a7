"""The lifecycle of a pipe: creation, replacement, refresh, state."""
