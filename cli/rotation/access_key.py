"""Putting old access keys of the Snowpipe user away, once the stage reads with the current one.

CloudFormation owns the current key and the secret it is in (docs/adr/0009); keys it has replaced are left alive for
this.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import snowflake.connector
from botocore.exceptions import ClientError
from snowflake.connector import SnowflakeConnection

from cli.output import CommandError, note
from cli.rotation.steps import planned, rotating
from config.model import PipelineConfig
from snowflake_setup.session.connector_errors import statement_refusal
from snowflake_setup.session.errors import SetupError
from snowflake_setup.session.secrets import fields_of
from snowflake_setup.sql.base import Statement
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.secret import Secret
from snowflake_setup.sql.stage import AlterStage, Credentials, ListStage

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

_FIELDS = ("aws_access_key_id", "aws_secret_access_key")
# Nothing is there: the listing is short, however large the lake, and still has to be allowed by AWS.
_PROBE = "/access-key-check/"


@dataclass(frozen=True)
class Keys:
    """The secret, the stages, the key in use, those it has replaced (id → status), and the deployed serial."""

    secret_id: str
    stages: tuple[ObjectName, ...]
    current: Credentials
    old: dict[str, str]
    serial: int
    your_turn: str | None


@dataclass(frozen=True, kw_only=True)
class AccessKeyRotation:
    """The second half of a rotation; the first is a deployment."""

    session: SnowflakeConnection
    config: PipelineConfig
    iam: IAMClient
    secrets: SecretsManagerClient
    cloudformation: CloudFormationClient

    def look(self) -> Keys:
        """Which keys there are.

        Raises:
            CommandError: the stage has no access key, a deployment is under way or half done, or AWS refuses.
        """
        user = self.config.names.snowpipe_user
        with rotating("ask CloudFormation for secret and serial", otherwise="nothing was changed"):
            access, landing = self._template("Access"), self._template("Landing")
            secret_id = self._physical_id("Access", "AWS::SecretsManager::Secret")
        serials = [int(key["Serial"]) for key in _all(access, "AWS::IAM::AccessKey", "Serial")]
        stages = list(_all(landing, "Custom::SnowflakeStage", "CredentialsSerial"))
        if secret_id is None or not serials or not stages:
            raise CommandError(
                f"environment {self.config.env!r} reads the lake without an access key (a storage integration), or is "
                "not deployed: there is nothing to rotate",
                exit_code=2,
            )
        serial, in_stage = serials[0], min(int(stage["CredentialsSerial"]) for stage in stages)
        with rotating("read the current key's secret", otherwise="nothing was changed"):
            current = self._stored(secret_id, "AWSCURRENT")
        with rotating(f"list the access keys of user {user}", otherwise="nothing was changed"):
            rows = self.iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        there = {row["AccessKeyId"]: str(row["Status"]) for row in rows}
        old = {key: status for key, status in there.items() if key != current.key_id.reveal()}
        if (wanted := self.config.access.access_key_serial) < serial:
            note(
                f"access_key_serial is {wanted} in config/{self.config.env}.toml, and {serial} is deployed: "
                "a deployment from here would replace the key once more"
            )
        turn = self._your_turn(serial, in_stage, current_is_there=len(old) < len(there), old=old)
        names = tuple(ObjectName.of(stage["Database"], stage["Schema"], stage["Name"]) for stage in stages)
        return Keys(secret_id, names, current, old, serial, turn)

    def rehearse(self, keys: Keys) -> None:
        """Say what `retire` would do."""
        if keys.your_turn:
            return
        for stage in keys.stages:
            planned(AlterStage(stage, access=_masked()).sql())
            planned(f"{_probe(stage).sql()}, which has to be answered")
        for key, status in keys.old.items():
            if status == "Active":
                planned(f"switch access key {_shown(key)} off, then list again")
            planned(f"delete access key {_shown(key)}")

    def retire(self, keys: Keys) -> list[str]:
        """Make sure of the current key, then put the old ones away; their ids.

        Raises:
            CommandError: a step failed; a key works all the same, and the message says which.
        """
        for stage in keys.stages:
            self._make_sure(keys, stage)
        for key, status in keys.old.items():
            if status == "Active":
                self._switch_off(keys, key)
            with rotating(
                f"delete access key {_shown(key)}",
                otherwise="it is switched off, and the stage reads with the current one; run this again",
            ):
                self.iam.delete_access_key(UserName=self.config.names.snowpipe_user, AccessKeyId=key)
        return list(keys.old)

    def _make_sure(self, keys: Keys, stage: ObjectName) -> None:
        """See that a stage has the current key, and that it opens the lake."""
        unchanged = "the old key works as before; nothing was switched off"
        with rotating(f"give stage {stage} the current key", otherwise=unchanged):
            self._execute(AlterStage(stage, access=keys.current))
        try:
            with rotating("list the lake with it", otherwise="Nothing was switched off"):
                self._execute(_probe(stage))
        except CommandError as error:
            if not self._give_back(keys, stage):
                raise
            again = "the stage has the key before again, which works as before"
            raise CommandError(f"{error}; {again}") from None

    def _give_back(self, keys: Keys, stage: ObjectName) -> bool:
        """Put the key before, which Secrets Manager remembers, back into the stage; False where that is no cure."""
        try:
            before = self._stored(keys.secret_id, "AWSPREVIOUS")
        except (ClientError, SetupError):
            return False
        if keys.old.get(before.key_id.reveal()) != "Active":
            return False
        with rotating("give the stage the key before again", otherwise="The stage has the current key"):
            self._execute(AlterStage(stage, access=before))
        return True

    def _switch_off(self, keys: Keys, key: str) -> None:
        user, shown = self.config.names.snowpipe_user, _shown(key)
        with rotating(f"switch access key {shown} off", otherwise="both keys work; run this again"):
            self.iam.update_access_key(UserName=user, AccessKeyId=key, Status="Inactive")
        try:
            with rotating("list the lake again", otherwise=f"the stage still needed access key {shown}"):
                for stage in keys.stages:
                    self._execute(_probe(stage))
        except BaseException:
            with rotating(
                f"switch access key {shown} on again",
                otherwise=f"switch it on yourself: it is access key {shown} of user {user} in IAM",
            ):
                self.iam.update_access_key(UserName=user, AccessKeyId=key, Status="Active")
            raise

    def _your_turn(
        self, serial: int, in_stage: int, *, current_is_there: bool, old: dict[str, str]
    ) -> str | None:
        env, prefix = self.config.env, self.config.prefix
        file, wanted = f"config/{env}.toml", self.config.access.access_key_serial
        deploy = f"deploy (`cdk deploy {prefix}-Access {prefix}-Landing -c env={env}`), then run this again"
        if not current_is_there:
            return (
                f"the key in the secret is no longer one of user {self.config.names.snowpipe_user}'s: somebody deleted "
                f"it. Set access_key_serial = {serial + 1} under [access] in {file} and {deploy}"
            )
        if wanted > serial:
            return f"access_key_serial is {wanted} in {file}, and {serial} is deployed: {deploy}"
        if in_stage != serial:
            return f"the new key (serial {serial}) is made, and the stage is deployed with serial {in_stage}: {deploy}"
        if not old:
            return (
                f"there is one access key, the current one, and none to put away. To rotate it, set "
                f"access_key_serial = {serial + 1} under [access] in {file} and {deploy}"
            )
        return None

    def _template(self, stack: str) -> dict[str, Any]:
        name = f"{self.config.prefix}-{stack}"
        body = self.cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
        return json.loads(body) if isinstance(body, str) else dict(body)

    def _physical_id(self, stack: str, resource_type: str) -> str | None:
        name = f"{self.config.prefix}-{stack}"
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        rows = (row for page in pages for row in page["StackResourceSummaries"])
        return next((row["PhysicalResourceId"] for row in rows if row["ResourceType"] == resource_type), None)

    def _stored(self, secret_id: str, version: str) -> Credentials:
        text = self.secrets.get_secret_value(SecretId=secret_id, VersionStage=version)["SecretString"]
        secret = fields_of(text, arn=secret_id, required=_FIELDS, optional=())
        return Credentials(*(secret[field] for field in _FIELDS))

    def _execute(self, statement: Statement) -> None:
        """Send it; what Snowflake says against it may repeat the key, which nobody is to see."""
        try:
            with self.session.cursor() as cursor:
                cursor.execute(statement.sql())
        except snowflake.connector.Error as error:
            raise statement_refusal(error, statement).error from None


def _all(template: dict[str, Any], resource_type: str, having: str) -> Iterator[dict[str, Any]]:
    """The properties of every resource of a type that has a certain one."""
    for resource in template.get("Resources", {}).values():
        if resource["Type"] == resource_type and having in resource["Properties"]:
            yield resource["Properties"]


def _probe(stage: ObjectName) -> ListStage:
    return ListStage(stage, _PROBE)


def _masked() -> Credentials:
    return Credentials(Secret("***"), Secret("***"))


def _shown(key: str) -> str:
    """Enough of a key id to find it in the console."""
    return f"…{key[-4:]}"
