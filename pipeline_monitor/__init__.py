"""The scheduled Lambdas: what Snowpipe is doing, as metrics in CloudWatch, and the canary that goes the whole way."""
