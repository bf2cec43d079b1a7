"""Putting an access key away: the stage reads with one that works, whatever step fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import snowflake.connector
from botocore.exceptions import ClientError

from cli.output import CommandError
from cli.rotation.access_key import AccessKeyRotation, Keys
from config.model import PipelineConfig

OLD, NEW = "AKIAOLDOLDOLDOLD0001", "AKIANEWNEWNEWNEW0002"


@dataclass
class World:
    """IAM, the secret, the stacks and a stage that can be listed only with a key that is on."""

    keys: dict[str, str] = field(default_factory=lambda: {OLD: "Active", NEW: "Active"})
    in_secret: str = NEW
    in_stage: str = OLD
    serials: tuple[int | None, int | None] = (1, 1)
    needs: str | None = None
    previous: str | None = None
    refuse: str = "nothing"
    sent: list[str] = field(default_factory=list)

    def reads(self) -> bool:
        """Whether Snowpipe can load."""
        return self.keys.get(self.needs or self.in_stage) == "Active"

    # Snowflake

    def cursor(self) -> World:
        return self

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, sql: str) -> None:
        self.sent.append(sql)
        if self.refuse in sql:
            raise snowflake.connector.ProgrammingError(msg=f"Insufficient privileges: {sql}", errno=3001)
        if sql.startswith("ALTER STAGE"):
            self.in_stage = sql.split("AWS_KEY_ID = '")[1].split("'")[0]
        elif not self.reads():
            raise snowflake.connector.ProgrammingError(msg="InvalidAccessKeyId", errno=91003)

    # AWS

    def _act(self, name: str) -> None:
        if self.refuse == name:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, name)

    def list_access_keys(self, *, UserName: str) -> dict[str, Any]:  # noqa: N803
        return {"AccessKeyMetadata": [{"AccessKeyId": k, "Status": v} for k, v in self.keys.items()]}

    def update_access_key(self, *, UserName: str, AccessKeyId: str, Status: str) -> None:  # noqa: N803
        self._act("update_access_key")
        self.keys[AccessKeyId] = Status

    def delete_access_key(self, *, UserName: str, AccessKeyId: str) -> None:  # noqa: N803
        self._act("delete_access_key")
        assert self.keys[AccessKeyId] == "Inactive", "a key is switched off before it is deleted"
        del self.keys[AccessKeyId]

    def get_secret_value(self, *, SecretId: str, VersionStage: str = "AWSCURRENT") -> dict[str, str]:  # noqa: N803
        key = self.in_secret if VersionStage == "AWSCURRENT" else self.previous
        if key is None:
            raise ClientError(
                {"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "GetSecretValue"
            )
        value = {"aws_access_key_id": key, "aws_secret_access_key": "s3cr3t-s3cr3t-s3cr3t"}
        return {"SecretString": json.dumps(value)}

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        made, used = self.serials
        if StackName.endswith("Access"):
            resource = {"Type": "AWS::IAM::AccessKey", "Properties": {} if made is None else {"Serial": made}}
        else:
            name = {"Database": "DB", "Schema": "RAW", "Name": "LAKE"}
            properties = name if used is None else {**name, "CredentialsSerial": str(used)}
            resource = {"Type": "Custom::SnowflakeStage", "Properties": properties}
        return {"TemplateBody": {"Resources": {"It": resource}}}

    def get_paginator(self, operation: str) -> World:
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        row = {"ResourceType": "AWS::SecretsManager::Secret", "PhysicalResourceId": "arn:secret"}
        yield {"StackResourceSummaries": [row]}


def config(serial: int = 1) -> PipelineConfig:
    return PipelineConfig.model_validate(
        {"env": "test", "snowflake": {"account": "acme"}, "access": {"access_key_serial": serial}}
    )


def rotation(world: World, serial: int = 1) -> AccessKeyRotation:
    anything: Any = world
    return AccessKeyRotation(
        session=anything, config=config(serial), iam=anything, secrets=anything, cloudformation=anything
    )


def retire(world: World) -> list[str]:
    found = rotation(world)
    keys = found.look()
    assert keys.your_turn is None
    return found.retire(keys)


def test_the_stage_gets_the_current_key_is_tried_and_the_old_one_goes() -> None:
    world = World()
    assert retire(world) == [OLD]
    assert world.keys == {NEW: "Active"}
    assert world.in_stage == NEW
    assert world.reads()
    listed = 'LIST @"DB"."RAW"."LAKE"/access-key-check/'
    assert [sql.split()[0] for sql in world.sent] == ["ALTER", "LIST", "LIST"]
    assert world.sent[1:] == [listed, listed]


@pytest.mark.parametrize("refused", ["ALTER STAGE", "update_access_key"])
def test_a_failure_before_the_old_key_is_off_leaves_both_on(refused: str) -> None:
    world = World(refuse=refused)
    with pytest.raises(CommandError, match=r"works as before|both keys work"):
        retire(world)
    assert world.keys == {OLD: "Active", NEW: "Active"}
    assert world.reads()


def test_a_current_key_that_does_not_read_is_taken_back() -> None:
    world = World(keys={OLD: "Active", NEW: "Inactive"}, previous=OLD)
    with pytest.raises(CommandError, match="works as before"):
        retire(world)
    assert world.in_stage == OLD
    assert world.keys[OLD] == "Active"
    assert world.reads()


def test_without_the_key_before_the_stage_cannot_be_helped_and_that_is_said() -> None:
    world = World(keys={OLD: "Active", NEW: "Inactive"})
    with pytest.raises(CommandError, match="Nothing was switched off"):
        retire(world)


def test_a_stage_that_still_needs_the_old_key_gets_it_back() -> None:
    world = World(needs=OLD)
    with pytest.raises(CommandError, match="still needed access key …0001"):
        retire(world)
    assert world.keys == {OLD: "Active", NEW: "Active"}


def test_a_failed_deletion_is_finished_by_the_next_run() -> None:
    world = World(refuse="delete_access_key")
    with pytest.raises(CommandError, match="switched off, and the stage reads with the current one"):
        retire(world)
    assert world.keys == {OLD: "Inactive", NEW: "Active"}
    world.refuse = "nothing"
    assert retire(world) == [OLD]


@pytest.mark.parametrize(
    ("world", "serial", "told"),
    [
        (World(keys={NEW: "Active"}), 1, "access_key_serial = 2 under"),
        (World(), 2, "access_key_serial is 2 in config/test.toml, and 1 is deployed"),
        (World(serials=(1, 0)), 1, "the stage is deployed with serial 0"),
        (World(in_secret="AKIAGONE"), 1, "somebody deleted it"),
    ],
)
def test_what_only_a_deployment_can_do_is_said(world: World, serial: int, told: str) -> None:
    keys: Keys = rotation(world, serial).look()
    assert keys.your_turn is not None
    assert told in keys.your_turn
    assert "cdk deploy clickstream-test-Access clickstream-test-Landing -c env=test" in keys.your_turn
    assert world.sent == []


def test_a_stage_without_an_access_key_is_refused() -> None:
    with pytest.raises(CommandError, match="nothing to rotate"):
        rotation(World(serials=(None, None))).look()


@pytest.mark.parametrize("world", [World(needs=OLD), World(refuse="ALTER STAGE")])
def test_neither_output_nor_errors_hold_a_key(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even where Snowflake repeats the statement that it refuses."""
    found = rotation(world)
    keys = found.look()
    found.rehearse(keys)
    with pytest.raises(CommandError) as caught:
        found.retire(keys)
    shown = "".join(capsys.readouterr()) + str(caught.value) + repr(keys.current)
    for secret in (OLD, NEW, "s3cr3t"):
        assert secret not in shown
