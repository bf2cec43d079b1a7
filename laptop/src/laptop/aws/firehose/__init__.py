"""Firehose delivery to S3 as AWS documents it: buffered, compressed, delimited, with AWS's limits."""

from laptop.aws.firehose import intake, starting
from laptop.aws.firehose.gauges import publish_gauges

__all__ = ["install", "publish_gauges"]


def install() -> None:
    """Replace MiniStack's delivery, which writes one plain object per record, by this one."""
    intake.install()
    starting.install()
