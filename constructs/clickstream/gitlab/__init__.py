"""Roles that a GitLab pipeline assumes."""
