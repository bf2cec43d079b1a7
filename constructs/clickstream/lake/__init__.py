"""The event lake: bucket, notifications, read access."""
