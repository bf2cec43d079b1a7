"""The scheduled Lambdas: the monitor, which publishes Snowpipe's state as metrics, and the canary."""
