"""Faults of AWS on request: lost notifications, refused records, cut connections, failing functions."""
