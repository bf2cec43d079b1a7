"""Firehose delivery to S3 as AWS documents it: buffered, compressed, delimited, with AWS's limits."""

from laptop.aws.firehose.gauges import publish_gauges
from laptop.aws.firehose.intake import install

__all__ = ["install", "publish_gauges"]
