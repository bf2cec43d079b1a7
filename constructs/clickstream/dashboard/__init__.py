"""The dashboard for people on call."""
