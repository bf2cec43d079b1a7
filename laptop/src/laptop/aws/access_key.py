"""AWS::IAM::AccessKey: the long-lived key of a user with programmatic access only."""

from __future__ import annotations

from typing import Any

from ministack.services import iam

from laptop.aws.cloudformation import Attributes, Properties, require_success


class AccessKey:
    """The key pair of an IAM user; a higher `Serial` rotates it."""

    type_name = "AWS::IAM::AccessKey"
    replaced_by = ("UserName", "Serial")

    def create(self, generated_name: str, properties: Properties) -> tuple[str, Attributes]:
        """Create a key; Ref is its id, SecretAccessKey its secret."""
        user = properties["UserName"]
        before = set(iam._access_keys.keys())
        require_success(iam._create_access_key({"UserName": [user]}), f"an access key for user {user}")
        (key_id,) = set(iam._access_keys.keys()) - before
        self._set_status(key_id, properties)
        return key_id, {"SecretAccessKey": iam._access_keys[key_id]["SecretAccessKey"]}

    def update(self, physical_id: str, old: Properties, new: Properties) -> Attributes:
        """Activate or deactivate the key."""
        self._set_status(physical_id, new)
        return {"SecretAccessKey": iam._access_keys[physical_id]["SecretAccessKey"]}

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete the key."""
        iam._access_keys.pop(physical_id, None)

    def _set_status(self, key_id: str, properties: Properties) -> None:
        status = properties.get("Status", "Active")
        change = {"AccessKeyId": [key_id], "Status": [status]}
        require_success(iam._update_access_key(change), f"status {status} of access key {key_id}")


_create = iam._create_access_key


def install() -> None:
    """Refuse a user's third key, as https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html says."""
    iam._create_access_key = iam._IAM_HANDLERS["CreateAccessKey"] = _create_up_to_two


def _create_up_to_two(parameters: dict[str, Any]) -> Any:
    user = iam._p(parameters, "UserName")
    if sum(key["UserName"] == user for key in iam._access_keys.values()) >= 2:
        return iam._error(409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", ns="iam")
    return _create(parameters)
