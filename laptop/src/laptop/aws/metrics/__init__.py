"""CloudWatch metrics: what was published, the statistics of it, and arithmetic over it."""
