"""Monitoring: metrics, alarms, notifications, and the functions that watch Snowpipe."""
