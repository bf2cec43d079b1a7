"""CloudWatch metrics: published values, their statistics, and metric math."""
