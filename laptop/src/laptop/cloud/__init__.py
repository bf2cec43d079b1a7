"""The laptop cloud: its servers, started and stopped together."""
