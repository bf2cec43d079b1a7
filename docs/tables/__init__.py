"""Tables in the docs that are generated from code: cog calls these functions from the pages (`make docs`)."""
