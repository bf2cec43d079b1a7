"""The effect of each statement on the account."""
