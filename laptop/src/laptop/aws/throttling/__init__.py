"""Limits of what streams take each second, enforced on request: for drills, and for AWS's own limits."""
