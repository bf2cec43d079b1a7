"""The event lake: bucket, notifications, and who may read it."""
