"""The storage integration: altered in place, and dropped only by the resource that created it.

Replacing it would cut off every stage bound to it, and one that existed before may be used elsewhere. So a created
integration carries the resource's mark in its comment, and a Delete keeps an integration without that mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from clickstream_wire.resources import Attribute
from snowflake_setup.objects.actions import Action, Remark
from snowflake_setup.objects.look import See, ShownOptions
from snowflake_setup.objects.resource import Data, Resource
from snowflake_setup.session.errors import DefinitionConflictError
from snowflake_setup.session.properties import Properties
from snowflake_setup.sql import storage_integration as sql
from snowflake_setup.sql.comment_marks import found_mark, marked
from snowflake_setup.sql.identifiers import ObjectName

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,576}")
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}")
_MARK = "owner"


@dataclass(frozen=True)
class StorageIntegrationSpec:
    """The AWS role that Snowflake assumes, and the locations it may read in that role."""

    name: ObjectName
    role_arn: str
    external_id: str
    allowed_locations: tuple[str, ...]
    comment: str


class ShownIntegration(ShownOptions):
    """An integration as Snowflake shows it."""

    described_by = sql.DescribeIntegration

    @property
    def owner(self) -> str | None:
        """The mark of the resource that created it, if any."""
        return found_mark(self.options.get("COMMENT"), _MARK)

    @property
    def locations(self) -> set[str]:
        """The locations it may read."""
        text = self.options.get("STORAGE_ALLOWED_LOCATIONS", "")
        return {place.strip() for place in text.split(",") if place.strip()}


class StorageIntegration(Resource[StorageIntegrationSpec, ShownIntegration]):
    """`Custom::SnowflakeStorageIntegration`."""

    kind = "INTEGRATION"
    shown = ShownIntegration
    dropped_by = sql.DropIntegration

    def read(self, properties: Properties) -> StorageIntegrationSpec:
        return StorageIntegrationSpec(
            name=properties.account_object_name(),
            role_arn=properties.matching("RoleArn", _ROLE_ARN, "the ARN of an IAM role"),
            external_id=properties.matching(
                "ExternalId", _EXTERNAL_ID, "2 to 1224 letters, digits and any of _+=,.@:/-"
            ),
            allowed_locations=properties.s3_urls("AllowedLocations"),
            comment=properties.text("Comment", ""),
        )

    def require(self, new: StorageIntegrationSpec, there: ShownIntegration) -> None:
        wanted = {
            "ENABLED": "true",
            "STORAGE_AWS_ROLE_ARN": new.role_arn,
            "STORAGE_AWS_EXTERNAL_ID": new.external_id,
        }
        differing = [
            f"{option} is {there.options.get(option, 'unset')}, wanted {value}"
            for option, value in wanted.items()
            if there.options.get(option, "") != value
        ]
        if (found := there.locations) != set(new.allowed_locations):
            differing.append(
                f"STORAGE_ALLOWED_LOCATIONS are {', '.join(sorted(found))}, wanted {', '.join(new.allowed_locations)}"
            )
        if differing:
            raise DefinitionConflictError(
                f"integration {new.name} exists already and differs: {'; '.join(differing)}. "
                "It may be used elsewhere: choose another name, or set the properties to the existing values"
            )

    def make(self, new: StorageIntegrationSpec) -> Sequence[Action]:
        comment = marked(new.comment, _MARK, self.owner)
        return [
            sql.CreateStorageIntegration(
                new.name, new.role_arn, new.external_id, new.allowed_locations, comment
            )
        ]

    def change(
        self, old: StorageIntegrationSpec | None, new: StorageIntegrationSpec, there: ShownIntegration
    ) -> Sequence[Action]:
        """Set the options that differ from the actual ones."""
        comment = marked(new.comment, _MARK, there.owner)
        statement = sql.AlterStorageIntegration(
            new.name,
            enable=there.options.get("ENABLED") != "true",
            role_arn=new.role_arn if there.options.get("STORAGE_AWS_ROLE_ARN") != new.role_arn else None,
            external_id=new.external_id
            if there.options.get("STORAGE_AWS_EXTERNAL_ID") != new.external_id
            else None,
            allowed_locations=(
                new.allowed_locations if there.locations != set(new.allowed_locations) else None
            ),
            comment=comment if there.options.get("COMMENT", "") != comment else None,
        )
        return [statement] if statement != sql.AlterStorageIntegration(new.name) else []

    def remove(self, name: ObjectName, on_delete: str, see: See) -> Sequence[Action]:
        """Drop it if this resource made it."""
        there = see(ShownIntegration, name)
        if there is None:
            return [Remark("integration does not exist any more", {"object": str(name)})]
        if there.owner == self.owner:
            return [sql.DropIntegration(name)]
        return [
            Remark(
                "integration kept: created by another resource, may be used elsewhere", {"object": str(name)}
            )
        ]

    def after(self, new: StorageIntegrationSpec, there: ShownIntegration | None) -> ShownIntegration:
        owner = self.owner if there is None else there.owner
        options = {
            "ENABLED": "true",
            "STORAGE_AWS_ROLE_ARN": new.role_arn,
            "STORAGE_AWS_EXTERNAL_ID": new.external_id,
            "STORAGE_ALLOWED_LOCATIONS": ",".join(new.allowed_locations),
            "COMMENT": marked(new.comment, _MARK, owner),
        }
        return ShownIntegration(options)

    def attributes(self, new: StorageIntegrationSpec, there: ShownIntegration) -> Data:
        """The IAM user and the external ID that a role has to trust."""
        return {
            Attribute.FULL_NAME: str(new.name),
            Attribute.IAM_USER_ARN: there.options["STORAGE_AWS_IAM_USER_ARN"],
            Attribute.EXTERNAL_ID: there.options["STORAGE_AWS_EXTERNAL_ID"],
        }
