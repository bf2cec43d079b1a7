"""`Ref` of a secret returns its ARN, as in AWS; MiniStack returns its name.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::SecretsManager::Secret"


def install() -> None:
    """Use the ARN as a secret's physical id."""
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def create_with_arn(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        name, attributes = create(logical_id, properties, stack)
        return _arn(name), attributes

    def update_with_arn(physical_id: str, *arguments: Any, **options: Any) -> Any:
        name, attributes = update(_name(physical_id), *arguments, **options)
        return _arn(name), attributes

    def delete_with_arn(physical_id: str, properties: dict[str, Any]) -> Any:
        return delete(_name(physical_id), properties)

    handlers.update(create=create_with_arn, update=update_with_arn, delete=delete_with_arn)


def _arn(name: str) -> str:
    return str(secretsmanager._secrets[name]["ARN"])


def _name(arn: str) -> str:
    """The secret's name: its ARN without the hyphen and six random characters at the end."""
    return arn.rsplit(":", 1)[-1][:-7] if arn.startswith("arn:") else arn
