"""The configuration of a deployment: one TOML file an environment, and their typed model."""
