"""ARNs of log groups and log streams in authorization, in AWS's full form, which MiniStack shortens.

A policy names a group as `…:log-group:NAME:*`, as CloudFormation returns it; MiniStack checks `…:log-group:NAME`,
which that pattern does not match.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions

_ON_A_STREAM = {"PutLogEvents", "GetLogEvents", "DeleteLogStream"}
_ON_A_PLAIN_GROUP = {"TagResource", "UntagResource", "ListTagsForResource"}


def install() -> None:
    """Authorize log streams and groups by their full ARN."""
    extract = iam_actions.extract_resource_arn

    def extracted(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, *more: Any
    ) -> str:
        arn: str = extract(service, method, path, headers, body, *more)
        action = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        if service != "logs" or ":log-group:" not in arn or action in _ON_A_PLAIN_GROUP:
            return arn
        stream = json.loads(body).get("logStreamName") if action in _ON_A_STREAM else None
        return f"{arn}:log-stream:{stream}" if stream else f"{arn}:*"

    iam_actions.extract_resource_arn = extracted
