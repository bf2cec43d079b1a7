"""A month's bill of an environment, before it is deployed."""
