"""The findings for scripts, and the report to send to the maintainers."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.doctor.check import State
from cli.doctor.masking import without_identities

if TYPE_CHECKING:
    from cli.doctor.examination import Result
    from config.model import PipelineConfig


def as_document(env: str, results: Sequence[Result]) -> dict[str, Any]:
    """The findings for scripts."""
    return {"environment": env, "well": is_well(results), "checks": [_entry(result) for result in results]}


def is_well(results: Sequence[Result]) -> bool:
    """True if no check is ill."""
    return all(result.finding.state is not State.ILL for result in results)


def write_report(path: Path, config: PipelineConfig, results: Sequence[Result]) -> None:
    """Write the findings and the choices of the config without secrets, accounts, addresses and people."""
    document = {
        "version": version("clickstream-pipeline"),
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "config": {
            "laptop": config.laptop,
            "production": config.production,
            "kinds of event": len(config.event_streams),
            "source": config.streaming.source,
            "access": config.access.mode,
            "login": config.snowflake.login,
            "gate": config.gate.enabled,
            "schema evolution": config.snowflake.schema_evolution,
        },
        "checks": [
            {key: without_identities(value, config) for key, value in _entry(result).items()}
            for result in results
        ],
    }
    path.write_text(json.dumps(document, indent=2) + "\n")


def _entry(result: Result) -> dict[str, str]:
    entry = {
        "name": result.check.name,
        "title": result.check.title,
        "state": result.finding.state.value,
        "looked_at": result.check.looks_at,
        "found": result.finding.found,
    }
    return entry | ({"otherwise": result.check.otherwise} if result.finding.state is State.ILL else {})
