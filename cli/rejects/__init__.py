"""Rejects in the lake: what the event gate rejected, and records that the gate failed on."""
