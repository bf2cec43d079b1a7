"""Import of an existing Data Stream into a stack; MiniStack creates a new one in its place, without its records.

The stream stays as it is: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import kinesis
from ministack.services.cloudformation import changesets, provisioners

_TYPE = "AWS::Kinesis::Stream"


def install() -> None:
    """Let change sets import streams by name."""
    changesets._IMPORT_LOOKUPS[_TYPE] = (("Name",), _problem)
    provisioners._RESOURCE_HANDLERS[_TYPE]["import"] = _import


def _problem(name: str) -> str | None:
    return None if name in kinesis._streams else f"Stream {name} not found"


def _import(identifier: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    name = identifier["Name"]
    return name, {"Arn": kinesis._streams[name]["StreamARN"]}
