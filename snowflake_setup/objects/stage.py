"""The stage: altered in place and never replaced, since its pipes would permanently lose it.

Snowflake does not show which key a stage uses. So its access is set when the stage is created or adopted, and
whenever the secret, its serial or the integration changes, or the location was changed by hand. Another location, or a
switch between key and integration, which Snowflake refuses, needs a stage of another name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from clickstream_wire.secrets import AccessKey
from snowflake_setup.objects.actions import Action, Remark, Step
from snowflake_setup.objects.lake_access import require_opened
from snowflake_setup.objects.look import See
from snowflake_setup.objects.resource import Resource, require_unmanaged
from snowflake_setup.session.errors import DefinitionConflictError, PropertyError, UnsafeChangeError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.properties import Properties
from snowflake_setup.session.session import Session, shown
from snowflake_setup.sql import stage as sql
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.secret import Secret
from snowflake_setup.sql.stage import Access, BoundIntegration, Credentials

_ARN = re.compile(r"arn:\S+")
_MASKED = Credentials(Secret("***"), Secret("***"))
# Listing a folder that does not exist tests the permission too, and is fast however large the lake is.
_NO_FILES = "/access-check/"


@dataclass(frozen=True)
class StoredKey:
    """An access key in Secrets Manager; a new serial means that it was rotated."""

    secret_arn: str
    serial: str


@dataclass(frozen=True)
class StageSpec:
    """The S3 location that Snowflake reads, and its access to it."""

    name: ObjectName
    url: str
    access: StoredKey | ObjectName
    comment: str

    @property
    def integration(self) -> str:
        """The integration it reads through; empty for a key."""
        return self.access.name.value if isinstance(self.access, ObjectName) else ""

    @property
    def shown_access(self) -> Access:
        """The access, without secrets."""
        return BoundIntegration(self.access) if isinstance(self.access, ObjectName) else _MASKED


@dataclass(frozen=True)
class ShownStage:
    """A stage as Snowflake shows it: its location, the integration it reads through (empty for a key), its comment."""

    url: str = ""
    integration: str = ""
    comment: str = ""

    @classmethod
    def look(cls, session: Session, name: ObjectName) -> ShownStage | None:
        """The stage of that name, or None if there is none."""
        row = shown(session, sql.ShowStage(name))
        if row is None:
            return None
        return cls(str(row["url"]), str(row["storage_integration"] or ""), str(row.get("comment") or ""))


@dataclass(frozen=True)
class OpenStage(Step):
    """Create or alter a stage, once the key has been read or the integration has access."""

    statement: sql.CreateStage | sql.AlterStage
    spec: StageSpec

    def carry_out(self, invocation: Invocation) -> None:
        invocation.make(replace(self.statement, access=self._access(invocation)))
        if isinstance(self.spec.access, StoredKey):
            # Setting a key proves nothing. A refused listing fails the update, and CloudFormation restores the old
            # key, which it deletes only at the end of a successful deployment.
            invocation.session.execute(self._proof)

    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        if isinstance(self.spec.access, StoredKey):
            return [self.statement]
        waits = (
            "Before the stage is bound to the integration, AWS is asked whether the integration may list the location, "
            "for some minutes; if it may not, the deployment fails"
        )
        return [Remark(waits, unknown=True), self.statement]

    @property
    def _proof(self) -> sql.ListStage:
        return sql.ListStage(self.spec.name, _NO_FILES)

    def _access(self, invocation: Invocation) -> Access:
        access = self.spec.access
        if isinstance(access, ObjectName):
            require_opened(invocation, access, self.spec.url)
            return BoundIntegration(access)
        secret = invocation.secrets.read(access.secret_arn, required=tuple(AccessKey))
        return Credentials(secret[AccessKey.ID], secret[AccessKey.SECRET])


class Stage(Resource[StageSpec, ShownStage]):
    """`Custom::SnowflakeStage`."""

    kind = "STAGE"
    shown = ShownStage
    dropped_by = sql.DropStage

    def read(self, properties: Properties) -> StageSpec:
        return StageSpec(
            name=properties.object_name(),
            url=properties.s3_url("Url"),
            access=_access(properties),
            comment=properties.text("Comment", ""),
        )

    def require(self, new: StageSpec, there: ShownStage) -> None:
        differing = []
        if there.url != new.url:
            differing.append(f"its URL is {there.url}, wanted {new.url}")
        if there.integration != new.integration:
            differing.append(f"it reads {_way(there.integration)}, wanted {_way(new.integration)}")
        if differing:
            raise DefinitionConflictError(
                f"stage {new.name} exists already and differs: {'; '.join(differing)}. "
                "Drop it, or choose another name"
            )

    def make(self, new: StageSpec) -> Sequence[Action]:
        return [OpenStage(sql.CreateStage(new.name, new.url, new.shown_access, new.comment), new)]

    def adopt(self, new: StageSpec, there: ShownStage, see: See) -> Sequence[Action]:
        """A stage at the same location gets the wanted access and comment."""
        self.require(new, there)
        require_unmanaged(self.kind, new.name, new.comment, there.comment)
        comment = new.comment if there.comment != new.comment else None
        return [OpenStage(sql.AlterStage(new.name, access=new.shown_access, comment=comment), new)]

    def change(self, old: StageSpec | None, new: StageSpec, there: ShownStage) -> Sequence[Action]:
        if bool(there.integration) != bool(new.integration):
            raise UnsafeChangeError(
                f"stage {new.name} reads {_way(there.integration)}, wanted {_way(new.integration)}: Snowflake does not "
                "switch a stage in place. Give the stage another name; its pipe is then replaced and loses no file"
            )
        moved = there.url != new.url
        if moved and old is not None and old.url == there.url:
            raise UnsafeChangeError(
                f"stage {new.name} reads {there.url}, wanted {new.url}: files that still arrive in the old folder "
                "would never be loaded. docs/changes.md has the way to another folder"
            )
        rebound = moved or old is None or old.access != new.access or there.integration != new.integration
        comment = new.comment if old is None or old.comment != new.comment else None
        if moved:
            return [OpenStage(sql.MoveStage(new.name, new.url, new.shown_access, comment), new)]
        if rebound:
            return [OpenStage(sql.AlterStage(new.name, access=new.shown_access, comment=comment), new)]
        return [] if comment is None else [sql.AlterStage(new.name, comment=comment)]

    def after(self, new: StageSpec, there: ShownStage | None) -> ShownStage:
        return ShownStage(new.url, new.integration, new.comment)


def _access(properties: Properties) -> StoredKey | ObjectName:
    """Read the key or the integration; with both, it would be unclear which one grants access."""
    secret = properties.text("CredentialsSecretArn", "")
    serial = properties.text("CredentialsSerial", "")
    if not properties.text("StorageIntegration", ""):
        form = "the ARN of a secret, unless there is a StorageIntegration"
        return StoredKey(properties.matching("CredentialsSecretArn", _ARN, form, ""), serial)
    if secret:
        raise PropertyError("a stage takes CredentialsSecretArn or StorageIntegration, got both")
    return properties.account_object_name("StorageIntegration")


def _way(integration: str) -> str:
    return f"through the storage integration {integration}" if integration else "with an access key"
