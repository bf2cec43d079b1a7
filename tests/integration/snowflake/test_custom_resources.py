"""The custom resources against the stand-in, with the real connector and only the grants of the bootstrap SQL."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import pytest

from laptop.testing.snowflake import (
    KEY_ID,
    SECRET,
    Account,
    KeyPair,
    Rows,
    runner,
)
from laptop.testing.stand_in import AssumedRole
from laptop.testing.waiting import eventually
from snowflake_setup.lifecycle import handle
from snowflake_setup.session.clock import InvocationClock
from snowflake_setup.session.connection import SnowflakeSession
from snowflake_setup.session.errors import OutOfTimeError, SnowflakeError, UnsafeChangeError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.logs import Log
from snowflake_setup.session.settings import Settings
from tests.unit.snowflake_setup.events import BOUND_STAGE, FILE_FORMAT, INTEGRATION, PIPE, STAGE, TABLE, VIEW
from tests.unit.snowflake_setup.fake_session import FakeSecrets

Send = Callable[..., tuple[str, dict[str, str]]]
ROLE = AssumedRole(arn=INTEGRATION["RoleArn"], external_id=INTEGRATION["ExternalId"])
LANDING: dict[str, Any] = {
    **TABLE,
    "Columns": [
        {"Name": "TIMESTAMP", "Type": "TIMESTAMP_TZ"},
        *({"Name": n, "Type": "VARCHAR"} for n in ("EVENT_ID", "EVENT_TYPE", "SOURCE_FILE")),
    ],
}
BOOTSTRAP = (
    'CREATE DATABASE "CLICKSTREAM"',
    'CREATE SCHEMA "CLICKSTREAM"."RAW"',
    'CREATE ROLE "DEPLOYER"',
    'GRANT USAGE ON DATABASE "CLICKSTREAM" TO ROLE "DEPLOYER"',
    'GRANT USAGE ON SCHEMA "CLICKSTREAM"."RAW" TO ROLE "DEPLOYER"',
    "GRANT CREATE FILE FORMAT, CREATE STAGE, CREATE TABLE, CREATE PIPE, CREATE VIEW, CREATE DYNAMIC TABLE "
    'ON SCHEMA "CLICKSTREAM"."RAW" TO ROLE "DEPLOYER"',
    'GRANT CREATE STORAGE INTEGRATION ON ACCOUNT TO ROLE "DEPLOYER"',
    'GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE "DEPLOYER"',
    'GRANT ROLE "DEPLOYER" TO ROLE SYSADMIN',
)
COUNT = 'SELECT COUNT(*) AS N FROM "CLICKSTREAM"."RAW"."CLICK_EVENTS"'


@pytest.fixture
def admin(account: Account, other_key: KeyPair) -> Callable[..., Rows]:
    run = runner(account.connect())
    run(
        *BOOTSTRAP,
        f"CREATE USER SVC TYPE = SERVICE DEFAULT_ROLE = DEPLOYER RSA_PUBLIC_KEY = '{other_key.public_body}'",
        "GRANT ROLE DEPLOYER TO USER SVC",
    )
    return run


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def send(account: Account, admin: Callable[..., Rows], other_key: KeyPair, output: io.StringIO) -> Send:
    """Handle one CloudFormation request as the Lambda would."""
    settings = Settings(
        "local",
        "SVC",
        "DEPLOYER",
        "key_pair",
        "arn:login",
        "COMPUTE_WH",
        "127.0.0.1",
        account.server.port,
        "http",
    )
    secrets = FakeSecrets(
        {
            "arn:login": {"private_key": other_key.private},
            "arn:key": {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET},
        }
    )

    def request(
        kind: str, name: str, properties: dict[str, Any], *, seconds: float = 60, **more: Any
    ) -> tuple[str, dict[str, str]]:
        end = time.monotonic() + seconds
        clock = InvocationClock(lambda: int((end - time.monotonic()) * 1000), reserve=0)
        log = Log(stream=output)
        event = {
            "RequestType": kind,
            "ResourceType": f"Custom::Snowflake{name}",
            "StackId": "stack",
            "LogicalResourceId": name,
            "ResourceProperties": properties,
            **more,
        }
        with SnowflakeSession(settings, secrets=secrets, clock=clock, log=log) as session:
            return handle(event, Invocation("local", session, secrets, clock, log))

    return request


def test_a_landing_behind_an_integration_from_create_to_delete(
    account: Account, admin: Callable[..., Rows], send: Send
) -> None:
    account.lake.roles.add(ROLE)
    wanted = {
        "StorageIntegration": INTEGRATION,
        "FileFormat": FILE_FORMAT,
        "Stage": BOUND_STAGE,
        "Table": LANDING,
        "Pipe": PIPE,
        "View": VIEW,
    }
    made = {name: send("Create", name, properties) for name, properties in wanted.items()}
    assert made["StorageIntegration"][1]["ExternalId"] == INTEGRATION["ExternalId"]
    assert {name: send("Create", name, properties) for name, properties in wanted.items()} == made
    account.put("1.json", b'{"event_id": "1"}\n{"event_id": "1"}\n{"event_id": "2", "event_type": "_canary"}')
    eventually(lambda: admin(COUNT) == [{"N": 3}])
    view = 'SELECT * FROM "CLICKSTREAM"."RAW"."CLICKS"'
    assert [row["EVENT_ID"] for row in admin(view)] == ["1"]
    for name, properties in wanted.items():
        old = {"PhysicalResourceId": made[name][0], "OldResourceProperties": properties}
        assert send("Update", name, properties, **old) == made[name]
    for name in reversed(wanted):
        properties = {**wanted[name], "OnDelete": "drop"}
        for _ in range(2):
            send("Delete", name, properties, PhysicalResourceId=made[name][0])
    assert admin("SHOW INTEGRATIONS") == []
    for kind in ("FILE FORMATS", "STAGES", "TABLES", "PIPES", "VIEWS"):
        assert admin(f"SHOW {kind} IN ACCOUNT") == []


def test_a_switch_of_the_access_mode_and_back_loses_and_doubles_nothing(
    account: Account, admin: Callable[..., Rows], send: Send, output: io.StringIO
) -> None:
    """In the order of CloudFormation: the new stage, the pipe, and the old stage last."""
    bound, by_role = {**BOUND_STAGE, "Name": "LAKE_2"}, {**PIPE, "Stage": {**PIPE["Stage"], "Name": "LAKE_2"}}
    for name, properties in (
        ("FileFormat", FILE_FORMAT),
        ("Table", LANDING),
        ("StorageIntegration", INTEGRATION),
    ):
        send("Create", name, properties)
    stage, _ = send("Create", "Stage", STAGE)
    pipe, _ = send("Create", "Pipe", PIPE)
    account.put("1.json", b'{"event_id": "1"}')

    def switch(old: dict[str, Any], new: dict[str, Any], pipes: tuple[Any, Any], seconds: float = 30) -> str:
        more = {"PhysicalResourceId": stage, "OldResourceProperties": old}
        moved, _ = send("Update", "Stage", new, seconds=seconds, **more)
        send("Update", "Pipe", pipes[1], PhysicalResourceId=pipe, OldResourceProperties=pipes[0])
        send("Delete", "Stage", old, PhysicalResourceId=stage)
        return moved

    with pytest.raises(
        OutOfTimeError, match="may not list s3://lake/events/: AWS says Error assuming AWS_ROLE"
    ):
        switch(STAGE, bound, (PIPE, by_role), seconds=3)
    account.put("2.json", b'{"event_id": "2"}')
    account.lake.roles.add(ROLE)
    stage = switch(STAGE, bound, (PIPE, by_role))
    account.lake.allowed.clear()
    account.put("3.json", b'{"event_id": "3"}')
    eventually(lambda: admin(COUNT) == [{"N": 3}])
    account.lake.allowed.add(SECRET)
    stage = switch(bound, STAGE, (by_role, PIPE))
    account.lake.roles.clear()
    account.put("4.json", b'{"event_id": "4"}')
    eventually(lambda: admin(COUNT) == [{"N": 4}])
    assert [row["name"] for row in admin("SHOW STAGES IN ACCOUNT")] == [STAGE["Name"]]
    assert SECRET not in output.getvalue()
    assert KEY_ID not in output.getvalue()


def test_an_account_that_demands_integrations_is_told_as_that(admin: Callable[..., Rows], send: Send) -> None:
    admin("ALTER ACCOUNT SET REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_CREATION = TRUE")
    with pytest.raises(SnowflakeError, match=r'set access\.mode = "storage_integration"'):
        send("Create", "Stage", STAGE)


def test_names_are_exact_where_the_account_folds_them(admin: Callable[..., Rows], send: Send) -> None:
    admin("ALTER ACCOUNT SET QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE")
    lower = {**LANDING, "Name": "clicks"}
    assert send("Create", "Table", lower)[1]["FullName"] == '"CLICKSTREAM"."RAW"."clicks"'


def test_a_view_keeps_its_policies_and_its_deployment_can_be_rolled_back(
    account: Account, admin: Callable[..., Rows], send: Send
) -> None:
    fields = ["$SET", "@x", " x", "it's"]
    wider = {**LANDING, "Columns": [*LANDING["Columns"], *({"Name": n, "Type": "VARIANT"} for n in fields)]}
    view = {**VIEW, "Columns": [*VIEW["Columns"], *fields]}
    table_id, _ = send("Create", "Table", LANDING)
    view_id, _ = send("Create", "View", VIEW)
    send("Update", "Table", wider, PhysicalResourceId=table_id, OldResourceProperties=LANDING)
    there = '"CLICKSTREAM"."RAW"."CLICKS"'
    admin(f'ALTER VIEW {there} MODIFY COLUMN EVENT_ID SET MASKING POLICY "CLICKSTREAM"."RAW"."HIDE"')
    with pytest.raises(UnsafeChangeError, match="MASKING POLICY #unknown_policy, and CREATE OR REPLACE VIEW"):
        send("Update", "View", view, PhysicalResourceId=view_id, OldResourceProperties=VIEW)
    send("Update", "View", VIEW, PhysicalResourceId=view_id, OldResourceProperties=view)
    admin(f"ALTER VIEW {there} MODIFY COLUMN EVENT_ID UNSET MASKING POLICY")
    send("Update", "View", view, PhysicalResourceId=view_id, OldResourceProperties=VIEW)
    assert [row["name"] for row in admin(f"DESC VIEW {there}")][-5:] == [*fields, "EVENT_DATE"]
    assert admin(f"SELECT * FROM {there}") == []


@pytest.mark.parametrize(
    ("revoked", "name", "properties"),
    [
        ("CREATE STORAGE INTEGRATION ON ACCOUNT", "StorageIntegration", INTEGRATION),
        ('CREATE VIEW ON SCHEMA "CLICKSTREAM"."RAW"', "View", VIEW),
    ],
)
def test_a_missing_privilege_is_reported(
    admin: Callable[..., Rows], send: Send, revoked: str, name: str, properties: dict[str, Any]
) -> None:
    send("Create", "Table", LANDING)
    admin(f"REVOKE {revoked} FROM ROLE DEPLOYER")
    with pytest.raises(SnowflakeError, match="Insufficient privileges") as caught:
        send("Create", name, properties)
    assert caught.value.code == 3001


def test_an_existing_integration_is_not_dropped(admin: Callable[..., Rows], send: Send) -> None:
    admin(
        f"CREATE STORAGE INTEGRATION LAKE_READER TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE "
        f"STORAGE_AWS_ROLE_ARN = '{ROLE.arn}' STORAGE_AWS_EXTERNAL_ID = '{ROLE.external_id}' "
        "STORAGE_ALLOWED_LOCATIONS = ('s3://lake/events/')",
        "GRANT OWNERSHIP ON INTEGRATION LAKE_READER TO ROLE DEPLOYER",
    )
    physical_id, _ = send("Create", "StorageIntegration", INTEGRATION)
    send("Delete", "StorageIntegration", INTEGRATION, PhysicalResourceId=physical_id)
    assert [row["name"] for row in admin("SHOW INTEGRATIONS")] == ["LAKE_READER"]
