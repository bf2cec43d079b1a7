"""The lifecycle of a storage integration: altered in place, and dropped only by the resource that made it.

Replacing it would cut off every stage bound to it, and one that was there before ours may serve others. So what this
resource makes carries its mark in the comment, and a Delete leaves an integration without that mark alone.
"""

from __future__ import annotations

from snowflake_setup.objects.resource import Resource
from snowflake_setup.objects.specs import StorageIntegrationSpec
from snowflake_setup.session.errors import DefinitionConflictError
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.tools import Data, Row, described_properties
from snowflake_setup.sql.base import Noun
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.marks import found_mark, marked
from snowflake_setup.sql.storage_integration import AlterStorageIntegration, CreateStorageIntegration

_MARK = "owner"


class StorageIntegration(Resource[StorageIntegrationSpec]):
    """`Custom::SnowflakeStorageIntegration`."""

    kind = "INTEGRATION"

    def read(self, properties: Properties) -> StorageIntegrationSpec:
        """The wanted integration."""
        return StorageIntegrationSpec.read(properties)

    def create(self, spec: StorageIntegrationSpec) -> Data:
        """Make it, or adopt an equal one."""
        rows = self.tools.describe(Noun.INTEGRATION, spec.name)
        if rows is not None:
            return _attributes(spec, rows)
        statement = CreateStorageIntegration(
            spec.name,
            spec.role_arn,
            spec.external_id,
            spec.allowed_locations,
            marked(spec.comment, _MARK, self.tools.requester),
        )
        with self.tools.creating(Noun.INTEGRATION, statement):
            return _attributes(spec, self.tools.describe(Noun.INTEGRATION, spec.name) or [])

    def update(self, old: StorageIntegrationSpec | None, new: StorageIntegrationSpec) -> Data:
        """Set what differs from what is there, whoever changed it."""
        rows = self.tools.describe(Noun.INTEGRATION, new.name)
        if rows is None:
            return self.create(new)
        statement = _alteration(new, described_properties(rows))
        if statement != AlterStorageIntegration(new.name):
            self.tools.warehouse.execute(statement)
            rows = self.tools.describe(Noun.INTEGRATION, new.name) or []
        return _attributes(new, rows)

    def delete(self, name: ObjectName, on_delete: str) -> None:
        """Drop it if this resource made it."""
        rows = self.tools.describe(Noun.INTEGRATION, name)
        if rows is None:
            self.tools.log.info("nothing to drop", object=str(name), kind=Noun.INTEGRATION)
        elif found_mark(described_properties(rows).get("COMMENT"), _MARK) == self.tools.requester:
            self.tools.drop(Noun.INTEGRATION, name)
        else:
            self.tools.log.info(
                "integration kept: another made it, and it may serve others", object=str(name)
            )


def _alteration(new: StorageIntegrationSpec, there: dict[str, str]) -> AlterStorageIntegration:
    comment = marked(new.comment, _MARK, found_mark(there.get("COMMENT"), _MARK))
    return AlterStorageIntegration(
        new.name,
        enable=there.get("ENABLED") != "true",
        role_arn=new.role_arn if there.get("STORAGE_AWS_ROLE_ARN") != new.role_arn else None,
        external_id=new.external_id if there.get("STORAGE_AWS_EXTERNAL_ID") != new.external_id else None,
        allowed_locations=new.allowed_locations if _locations(there) != set(new.allowed_locations) else None,
        comment=comment if there.get("COMMENT", "") != comment else None,
    )


def _attributes(spec: StorageIntegrationSpec, rows: list[Row]) -> Data:
    """What a role has to trust, after making sure that the integration is the wanted one."""
    there = described_properties(rows)
    if not there:
        raise DefinitionConflictError(
            f"integration {spec.name} exists already, and the role of this function may not see it. "
            "Grant the role OWNERSHIP of it, or give ours another name"
        )
    wanted = {
        "ENABLED": "true",
        "STORAGE_AWS_ROLE_ARN": spec.role_arn,
        "STORAGE_AWS_EXTERNAL_ID": spec.external_id,
    }
    differing = [
        f"{option} is {there.get(option, 'unset')}, wanted {value}"
        for option, value in wanted.items()
        if there.get(option, "") != value
    ]
    if (found := _locations(there)) != set(spec.allowed_locations):
        differing.append(
            f"STORAGE_ALLOWED_LOCATIONS are {', '.join(sorted(found))}, wanted {', '.join(spec.allowed_locations)}"
        )
    if differing:
        raise DefinitionConflictError(
            f"integration {spec.name} exists already and differs: {'; '.join(differing)}. "
            "It may serve others: give ours another name, or set our properties to what is there"
        )
    return {
        "FullName": str(spec.name),
        "IamUserArn": there["STORAGE_AWS_IAM_USER_ARN"],
        "ExternalId": there["STORAGE_AWS_EXTERNAL_ID"],
    }


def _locations(there: dict[str, str]) -> set[str]:
    text = there.get("STORAGE_ALLOWED_LOCATIONS", "")
    return {place.strip() for place in text.split(",") if place.strip()}
