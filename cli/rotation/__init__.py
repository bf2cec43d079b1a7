"""Rotation of logins and access keys."""
