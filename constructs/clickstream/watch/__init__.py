"""Monitoring: metrics, the table of alarms, whom they notify, and the functions that look at Snowpipe."""
