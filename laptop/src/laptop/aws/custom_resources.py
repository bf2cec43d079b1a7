"""Custom resources: what CloudFormation refuses of their templates and answers, and MiniStack accepts.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

from __future__ import annotations

import json
from typing import Any

from ministack.services.cloudformation import custom_resource

_LONGEST_ANSWER = 4096
_invoke = custom_resource.invoke_custom_resource
_tokens: dict[tuple[str, str], Any] = {}
"""The service tokens of resources, by stack and logical id."""


def install() -> None:
    """Refuse another service token in an update, and answers of more than 4,096 bytes."""
    custom_resource.invoke_custom_resource = _checked


def _checked(
    request_type: str,
    logical_id: str,
    properties: dict[str, Any],
    stack_name: str,
    stack_id: str,
    *more: Any,
    **options: Any,
) -> Any:
    token = properties.get("ServiceToken")
    # A rollback returns to the token that the resource has, although its request has both.
    if request_type == "Update" and _tokens.get((stack_id, logical_id), token) != token:
        raise ValueError("Modifying service token is not allowed.")
    physical_id, data = _invoke(request_type, logical_id, properties, stack_name, stack_id, *more, **options)
    if len(json.dumps({"PhysicalResourceId": physical_id, "Data": data}).encode()) > _LONGEST_ANSWER:
        raise RuntimeError("Response object is too long.")
    _tokens[stack_id, logical_id] = token
    return physical_id, data
