"""The Lambda's entry point, from event to answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
import snowflake.connector
from botocore.exceptions import ClientError
from snowflake.connector.errors import ProgrammingError

from snowflake_setup import handler
from snowflake_setup.session.errors import (
    REASON_BYTES,
    SecretError,
    SettingsError,
    SetupError,
    SnowflakeError,
)
from snowflake_setup.session.settings import Settings
from tests.unit.snowflake_setup.events import STAGE, name

MARKER = "wJalrMARKERbPxRfiCY"
ENVIRONMENT = {
    "SNOWFLAKE_ACCOUNT": "acme",
    "SNOWFLAKE_USER": "SVC",
    "SNOWFLAKE_ROLE": "DEPLOYER",
    "SNOWFLAKE_LOGIN": "key_pair",
    "SNOWFLAKE_LOGIN_SECRET_ARN": "arn:login",
}


class Context:
    aws_request_id = "req-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class FakeSnowflake:
    """Connection and cursor in one; answers by the first words of the SQL."""

    def __init__(self) -> None:
        self.there = False
        self.stage = "LAKE"
        self.closed = False
        self.sql: list[str] = []
        self.refuse: ProgrammingError | None = None
        self.rows: list[dict[str, str | None]] = []

    def cursor(self, cursor_class: object) -> FakeSnowflake:
        return self

    def __enter__(self) -> FakeSnowflake:
        return self

    def __exit__(self, *_: object) -> None: ...

    def close(self) -> None:
        self.closed = True

    def execute(self, sql: str) -> None:
        self.sql.append(sql)
        self.rows = []
        if sql.startswith("SHOW") and self.there:
            self.rows = [{"name": self.stage, "url": "s3://lake/events/", "storage_integration": None}]
        if sql.startswith("CREATE"):
            if self.refuse:
                raise self.refuse
            self.there = True
            self.rows = [{"status": "Stage area LAKE successfully created."}]

    def __iter__(self) -> Any:
        return iter(self.rows)


class FakeSecretsManager:
    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803
        if SecretId == "arn:denied":
            raise ClientError(
                {"Error": {"Code": "AccessDeniedException", "Message": MARKER}}, "GetSecretValue"
            )
        if SecretId == "arn:login":
            return {"SecretString": json.dumps({"private_key": MARKER})}
        return {
            "SecretString": json.dumps(
                {"aws_access_key_id": "AKIA" + MARKER, "aws_secret_access_key": MARKER}
            )
        }


@pytest.fixture(name="snowflake_account")
def _snowflake_account(monkeypatch: pytest.MonkeyPatch) -> FakeSnowflake:
    account = FakeSnowflake()
    monkeypatch.setattr(snowflake.connector, "connect", lambda **arguments: account)
    monkeypatch.setattr(boto3, "client", lambda service: FakeSecretsManager())
    for key, value in ENVIRONMENT.items():
        monkeypatch.setenv(key, value)
    handler.settings.cache_clear()
    return account


def event(request: str, **more: Any) -> dict[str, Any]:
    return {
        "RequestType": request,
        "ResourceType": "Custom::SnowflakeStage",
        "LogicalResourceId": "Stage",
        "ResourceProperties": {"ServiceToken": "arn:lambda", **STAGE},
        **more,
    }


def test_an_event_becomes_statements_and_an_answer(
    snowflake_account: FakeSnowflake, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = handler.on_event(event("Create"), Context())
    full_name = '"CLICKSTREAM"."RAW"."LAKE"'
    assert answer == {"PhysicalResourceId": f"acme/STAGE/{full_name}", "Data": {"FullName": full_name}}
    assert [sql.split(" ")[0] for sql in snowflake_account.sql] == ["SHOW", "CREATE", "LIST", "SHOW"]
    assert snowflake_account.closed
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["request_id"] for line in lines} == {"req-1"}
    assert {line["logical_id"] for line in lines} == {"Stage"}
    assert lines[-1]["message"] == "request done"


def test_no_secret_is_in_answer_error_or_log(
    snowflake_account: FakeSnowflake, capsys: pytest.CaptureFixture[str]
) -> None:
    told = f"syntax error: {MARKER}\n" + "x" * 20_000
    snowflake_account.refuse = ProgrammingError(msg=told, errno=1003, query=f"… '{MARKER}'")
    with pytest.raises(SnowflakeError) as caught:
        handler.on_event(event("Create"), Context())
    assert snowflake_account.closed
    assert len(str(caught.value).encode()) <= REASON_BYTES
    assert MARKER not in str(caught.value)
    assert MARKER not in "".join(capsys.readouterr())
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_deleting_a_foreign_id_does_not_log_in(
    snowflake_account: FakeSnowflake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(snowflake.connector, "connect")
    answer = handler.on_event(event("Delete", PhysicalResourceId="Landing-Stage-XYZ"), Context())
    assert answer == {"PhysicalResourceId": "Landing-Stage-XYZ", "Data": {}}


def test_an_unreadable_secret_is_reported(
    snowflake_account: FakeSnowflake, capsys: pytest.CaptureFixture[str]
) -> None:
    properties = {**STAGE, "CredentialsSecretArn": "arn:denied"}
    with pytest.raises(
        SecretError, match=r"arn:denied cannot be read: AccessDeniedException; grant this function"
    ):
        handler.on_event(event("Create", ResourceProperties=properties), Context())
    assert MARKER not in "".join(capsys.readouterr())


def test_an_unknown_request_type_is_reported(snowflake_account: FakeSnowflake) -> None:
    with pytest.raises(SetupError, match="RequestType must be Create, Update or Delete, got 'Read'"):
        handler.on_event(event("Read"), Context())


def test_all_mistakes_in_the_environment_are_reported_together(
    snowflake_account: FakeSnowflake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SNOWFLAKE_USER")
    monkeypatch.setenv("SNOWFLAKE_LOGIN", "password")
    monkeypatch.setenv("SNOWFLAKE_PORT", "http")
    monkeypatch.setenv("SNOWFLAKE_PROTOCOL", "ftp")
    with pytest.raises(SettingsError) as caught:
        handler.on_event(event("Create"), Context())
    for told in ("SNOWFLAKE_USER is missing", "got 'password'", "got 'http'", "got 'ftp'"):
        assert told in str(caught.value)


def test_a_key_pair_needs_its_secret_and_workload_identity_does_not() -> None:
    environment = {key: value for key, value in ENVIRONMENT.items() if key != "SNOWFLAKE_LOGIN_SECRET_ARN"}
    with pytest.raises(SettingsError, match="SNOWFLAKE_LOGIN_SECRET_ARN is missing"):
        Settings.read(environment)
    found = Settings.read(
        {**environment, "SNOWFLAKE_LOGIN": "workload_identity", "SNOWFLAKE_WAREHOUSE": "TINY"}
    )
    assert (found.login, found.warehouse, found.login_secret_arn) == ("workload_identity", "TINY", None)


def test_a_cold_start_imports_neither_the_connector_nor_boto3() -> None:
    """Both are slow to import; the first statement and the first secret load them."""
    script = (
        "import sys; import snowflake_setup.handler; "
        "print(*{'boto3', 'botocore', 'snowflake.connector'} & set(sys.modules))"
    )
    root = Path(__file__).parents[3]
    shown = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert shown.split() == []


def test_names_in_the_answer_are_those_of_the_template(snowflake_account: FakeSnowflake) -> None:
    properties = {**STAGE, **name('we"ird')}
    snowflake_account.stage = 'we"ird'
    answer = handler.on_event(event("Create", ResourceProperties=properties), Context())
    assert answer["Data"]["FullName"] == '"CLICKSTREAM"."RAW"."we""ird"'
