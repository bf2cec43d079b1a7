"""Tables in the docs that follow from code: the pages call these functions in place, by cog (`make docs`)."""
