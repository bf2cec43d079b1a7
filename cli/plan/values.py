"""Evaluation of CloudFormation's functions in properties, as far as their values are known before a deployment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Values:
    """The names of one stack; unknown values get a descriptive placeholder.

    Attributes:
        stack: the stack's name.
        types: the type of each of its resources.
        names: the values of `Ref`: physical ids of deployed resources, and pseudo parameters.
        exports: the exports of other stacks.
        unknown: the placeholders used so far.
    """

    stack: str
    types: Mapping[str, str]
    names: Mapping[str, str]
    exports: Mapping[str, str]
    unknown: set[str] = field(default_factory=set)

    def resolve(self, value: Any) -> Any:
        """`value` as the Lambda receives it: functions carried out, every scalar a string."""
        match value:
            case {"Ref": name}:
                return self.names.get(name) or self._nameless(name)
            case {"Fn::GetAtt": [name, attribute]}:
                return self._placeholder(f"{self.stack}/{name}.{attribute}")
            case {"Fn::ImportValue": export}:
                return self.exports.get(export) or self._placeholder(export)
            case {"Fn::Join": [delimiter, parts]}:
                return delimiter.join(self.resolve(part) for part in parts)
            case dict() if [key for key in value if key.startswith("Fn::")]:  # not used in these templates
                return self._placeholder(f"{self.stack}/{next(iter(value))}")
            case dict():
                return {key: self.resolve(part) for key, part in value.items()}
            case list():
                return [self.resolve(part) for part in value]
            case bool():
                return "true" if value else "false"
        return str(value)

    def _nameless(self, name: str) -> str:
        if self.types.get(name) != "AWS::S3::Bucket":
            return self._placeholder(f"{self.stack}/{name}")
        # Must look like a bucket's name: the Lambda's code checks the location.
        label = re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-")
        return self._noted(f"known-after-deploy.{label}")

    def _placeholder(self, label: str) -> str:
        return self._noted(f"arn:known-after-deploy:{label}")

    def _noted(self, placeholder: str) -> str:
        self.unknown.add(placeholder)
        return placeholder
