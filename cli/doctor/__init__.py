"""Checks of an environment in the user's own accounts: what this project could not test without one."""
