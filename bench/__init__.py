"""Benchmarks: ratios, each measured in one run on one machine."""
