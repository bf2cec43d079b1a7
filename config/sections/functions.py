"""The `[lambda]` section: the pipeline's Lambda functions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.sections.values import LogDays, Section


class LambdaConfig(Section):
    """The pipeline's Lambda functions; the laptop runs them with this machine's own Python."""

    architecture: Literal["arm64", "x86_64"] = Field(default="arm64", description="their processor")
    log_retention_days: LogDays = Field(default=30, description="how long their logs are kept")
