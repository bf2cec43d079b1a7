"""AWS::IAM::Group and AWS::IAM::UserToGroupAddition: permissions that users share."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import iam

from laptop.aws.cloudformation import Attributes, Properties, require_success


class Group:
    """A group with its managed and inline policies."""

    type_name = "AWS::IAM::Group"
    replaced_by = ("GroupName",)

    def create(self, generated_name: str, properties: Properties) -> tuple[str, Attributes]:
        """Create a group; Ref is its name."""
        name = properties.get("GroupName") or generated_name
        request = {"GroupName": [name], "Path": [properties.get("Path") or "/"]}
        require_success(iam._create_group(request), f"group {name}")
        self._apply(name, {}, properties)
        return name, {"Arn": iam._groups[name]["Arn"]}

    def update(self, physical_id: str, old: Properties, new: Properties) -> Attributes:
        """Update its policies to those of the template."""
        self._apply(physical_id, old, new)
        return {"Arn": iam._groups[physical_id]["Arn"]}

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete the group; its users stay."""
        if physical_id in iam._groups:
            self._apply(physical_id, properties, {})
            require_success(iam._delete_group({"GroupName": [physical_id]}), f"deleting group {physical_id}")

    def _apply(self, name: str, old: Properties, new: Properties) -> None:
        attached, wanted = set(old.get("ManagedPolicyArns") or []), set(new.get("ManagedPolicyArns") or [])
        for arn in attached - wanted:
            iam._detach_group_policy({"GroupName": [name], "PolicyArn": [arn]})
        for arn in wanted - attached:
            require_success(
                iam._attach_group_policy({"GroupName": [name], "PolicyArn": [arn]}), f"policy {arn} of {name}"
            )
        inline = _inline_policies(new)
        for policy in _inline_policies(old).keys() - inline.keys():
            iam._delete_group_policy({"GroupName": [name], "PolicyName": [policy]})
        for policy, document in inline.items():
            request = {"GroupName": [name], "PolicyName": [policy], "PolicyDocument": [document]}
            require_success(iam._put_group_policy(request), f"policy {policy} of {name}")


class UserToGroupAddition:
    """Membership of users in a group that another template owns."""

    type_name = "AWS::IAM::UserToGroupAddition"
    replaced_by = ("GroupName",)

    def create(self, generated_name: str, properties: Properties) -> tuple[str, Attributes]:
        """Add the users."""
        self._apply(properties["GroupName"], set(), set(properties["Users"]))
        return generated_name, {}

    def update(self, physical_id: str, old: Properties, new: Properties) -> Attributes:
        """Add new users, remove dropped ones."""
        self._apply(new["GroupName"], set(old["Users"]), set(new["Users"]))
        return {}

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Remove the users."""
        self._apply(properties["GroupName"], set(properties["Users"]), set())

    def _apply(self, group: str, old: set[str], new: set[str]) -> None:
        for user in old - new:
            iam._remove_user_from_group({"GroupName": [group], "UserName": [user]})
        for user in new - old:
            require_success(
                iam._add_user_to_group({"GroupName": [group], "UserName": [user]}), f"{user} in {group}"
            )


def _inline_policies(properties: Properties) -> dict[str, str]:
    policies: list[dict[str, Any]] = properties.get("Policies") or []
    return {policy["PolicyName"]: json.dumps(policy["PolicyDocument"]) for policy in policies}
