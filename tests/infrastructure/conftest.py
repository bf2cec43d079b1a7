"""Pipelines for tests, each synthesized once per run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.infrastructure.synthesis import Pipeline, Syntheses, pipeline_config
from tests.infrastructure.variants import VARIANTS


@pytest.fixture(scope="session")
def syntheses() -> Syntheses:
    """The syntheses of this run."""
    return Syntheses()


@pytest.fixture(scope="session")
def synthesized(syntheses: Syntheses) -> Callable[..., Pipeline]:
    """`synthesized(section={...}, _context=...)`: the default pipeline with some sections of its config replaced."""

    def build(_context: dict[str, Any] | None = None, **overrides: Any) -> Pipeline:
        return syntheses.pipeline(pipeline_config(**overrides), **(_context or {}))

    return build


@pytest.fixture(scope="session")
def pipeline(synthesized: Callable[..., Pipeline]) -> Pipeline:
    """The default pipeline: a Data Stream as source, an IAM user for Snowpipe."""
    return synthesized()


@pytest.fixture(scope="session")
def variant(syntheses: Syntheses) -> Callable[[str], Pipeline]:
    """`variant("direct put")`: one of the pipelines of `variants.py`."""
    return lambda name: syntheses.pipeline(VARIANTS[name])
