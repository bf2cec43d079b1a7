"""What each of our identities must and must not be able to do: one table, tried in tests and printed for reviewers."""
