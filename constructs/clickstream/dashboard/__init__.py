"""The page that on-call people look at."""
