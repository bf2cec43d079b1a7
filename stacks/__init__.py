"""The stacks of one deployment, and the configuration they are built from."""
