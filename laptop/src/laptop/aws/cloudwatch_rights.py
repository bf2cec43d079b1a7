"""The IAM action of a CloudWatch request, and its condition key for the namespace.

MiniStack does not see an action in the request's path, and so allows it to everyone; and it has no
`cloudwatch:namespace`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from ministack.core import iam_actions

_OPERATION = re.compile(r"/service/\w+/operation/(\w+)")


def install() -> None:
    """Authorize the action that the path names, and set the namespace that metrics are put into."""
    iam_actions.extract_iam_action = _from_path(iam_actions.extract_iam_action)
    iam_actions.request_tag_context = _with_namespace(iam_actions.request_tag_context)


def _from_path(extract: Any) -> Any:
    def action(service: str, method: str, path: str, *request: Any) -> str | None:
        operation = _OPERATION.fullmatch(path) if service == "monitoring" else None
        if operation:
            return f"cloudwatch:{operation[1]}"
        found: str | None = extract(service, method, path, *request)
        return found

    return action


def _with_namespace(context_of: Any) -> Any:
    def context(service: str, action: str, body: bytes, parameters: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = context_of(service, action, body, parameters)
        if action == "cloudwatch:PutMetricData":
            found = found | {"cloudwatch:namespace": _namespace(body, parameters)}
        return found

    return context


def _namespace(body: bytes, parameters: dict[str, Any]) -> str:
    if "Namespace" in parameters:
        return str(parameters["Namespace"][0])
    return str(json.loads(body).get("Namespace")) if body.startswith(b"{") else ""
