"""The configuration of a deployment: one TOML file an environment, and their typed model."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent  # the checkout
