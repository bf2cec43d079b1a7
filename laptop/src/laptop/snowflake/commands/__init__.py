"""What each statement does to the account."""
