"""What CloudFormation's functions in a template stand for, as far as it is known before a deployment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_ARNS = {
    ("AWS::S3::Bucket", "Arn"): "arn:{partition}:s3:::{id}",
    ("AWS::IAM::Role", "Arn"): "arn:{partition}:iam::{account}:role/{id}",
    ("AWS::IAM::User", "Arn"): "arn:{partition}:iam::{account}:user/{id}",
}


@dataclass
class Values:
    """The names and ARNs of one stack; what is not known yet gets a placeholder that says what it is.

    Args:
        stack: the stack's name.
        types: the type of each of its resources.
        physical: logical id → physical id, of what is deployed.
        exports: what other stacks export.
        pseudo: `AWS::Region` and the like.
        unknown: the placeholders given out so far.
    """

    stack: str
    types: Mapping[str, str]
    physical: Mapping[str, str]
    exports: Mapping[str, str]
    pseudo: Mapping[str, str]
    unknown: set[str] = field(default_factory=set)

    def resolve(self, value: Any) -> Any:
        """`value` as the Lambda receives it: functions carried out, every scalar a string."""
        if isinstance(value, dict) and len(value) == 1:
            (name, argument), *_ = value.items()
            if name in ("Ref", "Condition") or name.startswith("Fn::"):
                return self._call(name, argument)
        if isinstance(value, dict):
            return {key: self.resolve(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.resolve(part) for part in value]
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)

    def _call(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return self._ref(str(argument))
            case "Fn::GetAtt":
                logical_id, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
                return self._attribute(logical_id, attribute)
            case "Fn::ImportValue":
                export = str(self.resolve(argument))
                return self.exports.get(export) or self._placeholder(export)
            case "Fn::Join":
                return str(argument[0]).join(str(self.resolve(part)) for part in argument[1])
            case "Fn::Sub" if isinstance(argument, str):
                return _VARIABLE.sub(lambda found: self._variable(found[1]), argument)
            case "Fn::Select":
                parts = self.resolve(argument[1])
                if isinstance(parts, list) and int(argument[0]) < len(parts):
                    return parts[int(argument[0])]
            case "Fn::Split":
                return str(self.resolve(argument[1])).split(str(argument[0]))
        return self._placeholder(f"{self.stack}.{name.removeprefix('Fn::')}")

    def _variable(self, name: str) -> str:
        logical_id, _, attribute = name.partition(".")
        return self._attribute(logical_id, attribute) if attribute else self._ref(logical_id)

    def _ref(self, logical_id: str) -> str:
        known = self.pseudo.get(logical_id) or self.physical.get(logical_id)
        if known:
            return known
        if self.types.get(logical_id) == "AWS::S3::Bucket":
            # Has to look like a bucket's name: the Lambda's code checks the location it is put in.
            label = re.sub(r"[^a-z0-9]+", "-", logical_id.lower())[:40].strip("-")
            return self._noted(f"known-after-deploy.{label}")
        return self._placeholder(f"{self.stack}/{logical_id}")

    def _attribute(self, logical_id: str, attribute: str) -> str:
        pattern = _ARNS.get((self.types.get(logical_id, ""), attribute))
        if pattern and (logical_id in self.physical or "s3" in pattern):
            return pattern.format(
                id=self._ref(logical_id),
                partition=self.pseudo["AWS::Partition"],
                account=self.pseudo["AWS::AccountId"],
            )
        return self._placeholder(f"{self.stack}/{logical_id}.{attribute}")

    def _placeholder(self, label: str) -> str:
        return self._noted(f"arn:known-after-deploy:{label}")

    def _noted(self, placeholder: str) -> str:
        self.unknown.add(placeholder)
        return placeholder
