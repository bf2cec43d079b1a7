"""Benchmarks: ratios, each of two things that are measured in turn in one run on one machine."""
