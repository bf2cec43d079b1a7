"""Throughput limits of streams, enforced on request: AWS's own, or lower ones for drills."""
