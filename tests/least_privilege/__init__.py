"""Actions that each IAM identity must and must not be able to do: a table that tests try and docs print."""
