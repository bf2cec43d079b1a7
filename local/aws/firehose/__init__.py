"""Firehose delivery to S3 as AWS documents it: buffered, compressed, delimited, with AWS's limits."""

from local.aws.firehose.gauges import publish_gauges
from local.aws.firehose.intake import install

__all__ = ["install", "publish_gauges"]
