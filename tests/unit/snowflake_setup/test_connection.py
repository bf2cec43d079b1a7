"""The session: reopening, retries, errors and logs, and that no secret leaks."""

from __future__ import annotations

import io
import json
import traceback

import pytest
from snowflake.connector.errors import DatabaseError, Error, OperationalError, ProgrammingError

from snowflake_setup.session.connection import SnowflakeSession
from snowflake_setup.session.errors import (
    NotOfferedError,
    ObjectMissingError,
    SecretError,
    SnowflakeError,
    WarehouseNeededError,
)
from snowflake_setup.session.logs import Log
from snowflake_setup.sql.copy_into import CopyInto
from snowflake_setup.sql.pipe import ReplacePipe
from snowflake_setup.sql.retention import CreatePolicy, Expiry
from snowflake_setup.sql.secret import Secret
from snowflake_setup.sql.stage import CreateStage, Credentials
from tests.unit.snowflake_setup.fake_server import FakeServer
from tests.unit.snowflake_setup.fake_session import FakeClock, FakeSecrets
from tests.unit.snowflake_setup.sessions import DESC, KEY_PAIR, NAME, refused

MARKER = "m4rk3r/S3cr3tAccessKey'With\\Quotes"


def test_a_session_is_opened_by_the_first_statement_and_closed_at_the_end(
    server: FakeServer, clock: FakeClock
) -> None:
    secrets = FakeSecrets({"arn:login": {"private_key": "-----BEGIN-----"}})
    with SnowflakeSession(KEY_PAIR, secrets=secrets, clock=clock, log=Log(stream=io.StringIO())) as session:
        assert server.logins == []
        session.execute(DESC)
        session.execute(DESC)
        assert (len(server.logins), server.closed) == (1, 0)
    assert server.closed == 1


def test_rows_have_lower_case_keys_and_only_matching_ones_are_kept(
    server: FakeServer, session: SnowflakeSession
) -> None:
    server.answers = [[{"FILE_NAME": "a"}, {"FILE_NAME": "b"}]]
    assert session.execute(DESC, keep=lambda row: row["file_name"] == "b") == [{"file_name": "b"}]


@pytest.mark.parametrize(
    ("errno", "expected"),
    [
        (1003, NotOfferedError),
        (2003, ObjectMissingError),
        (3001, SnowflakeError),
        (606, WarehouseNeededError),
    ],
)
def test_permanent_errors_are_raised_at_once(
    server: FakeServer,
    session: SnowflakeSession,
    clock: FakeClock,
    errno: int,
    expected: type[SnowflakeError],
) -> None:
    server.answers = [refused(errno, "SQL compilation error:\nno such thing")]
    with pytest.raises(expected) as caught:
        session.execute(DESC)
    assert type(caught.value) is expected
    told = f"DESC FILE FORMAT {NAME}: Snowflake says {errno:06d}: SQL compilation error: no such thing (query 01b2-"
    assert str(caught.value).startswith(told)
    assert (caught.value.code, caught.value.query_id) == (errno, "01b2-query")
    assert (len(server.sql), clock.remaining()) == (1, 600.0)


@pytest.mark.parametrize(
    ("errno", "text"),
    [
        (1003, "SQL compilation error:\nsyntax error line 1 at position 7 unexpected 'STORAGE'."),
        (2, "Unsupported feature 'STORAGE LIFECYCLE POLICY'."),
        (90000, "Storage lifecycle policies are not available in this region."),
    ],
)
def test_an_account_without_policies_is_told_as_that(
    server: FakeServer, session: SnowflakeSession, errno: int, text: str
) -> None:
    server.answers = [refused(errno, text)]
    with pytest.raises(
        NotOfferedError, match=r"does not offer storage lifecycle policies.*rows.keep_days = 0"
    ):
        session.execute(CreatePolicy(NAME, Expiry.of_events(30), ""))


@pytest.mark.parametrize("errno", [390104, 390111, 390112, 390114])
def test_an_expired_session_is_reopened(server: FakeServer, session: SnowflakeSession, errno: int) -> None:
    server.answers = [refused(errno, "expired", DatabaseError), [{"A": 1}]]
    assert session.execute(DESC) == [{"a": 1}]
    assert (len(server.logins), server.closed) == (2, 1)


@pytest.mark.parametrize(
    "refusal",
    [
        refused(14, "Query timed out after 4s", OperationalError),
        refused(630, "Statement reached its statement or warehouse timeout of 4 second(s) and was canceled."),
        refused(250001, "Connection refused", DatabaseError),
        refused(
            91003,
            "Failure using stage area. Cause: [Access Denied (Status Code: 403; Error Code: AccessDenied)]",
        ),
        refused(2019, "The AWS Access Key Id you provided is not valid."),
        refused(3167, "SQL execution error: Error assuming AWS_ROLE.\nPlease verify the role and externalId"),
        refused(91003, "User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole"),
    ],
    ids=[
        "busy",
        "busy at the server",
        "out of reach",
        "policy not known yet",
        "key not known yet",
        "role not known yet",
        "trust not known yet",
    ],
)
def test_transient_errors_are_retried(
    server: FakeServer, session: SnowflakeSession, clock: FakeClock, refusal: Error
) -> None:
    server.answers = [refusal, refusal, [{"A": 1}]]
    assert session.execute(DESC) == [{"a": 1}]
    assert clock.remaining() == 600 - 1 - 2


def test_retries_end_before_the_function_does(
    server: FakeServer, session: SnowflakeSession, clock: FakeClock
) -> None:
    server.answers = [refused(14, "timed out", OperationalError) for _ in range(1000)]
    with pytest.raises(SnowflakeError, match="timed out"):
        session.execute(DESC)
    assert 0 < clock.remaining() <= 8


def test_a_statement_that_may_have_been_executed_is_resent_only_if_harmless(
    server: FakeServer, session: SnowflakeSession
) -> None:
    server.answers = [refused(14, "timed out", OperationalError)]
    with pytest.raises(SnowflakeError, match="timed out"):
        session.execute(ReplacePipe(NAME, "", CopyInto(NAME, NAME, NAME, (), "CONTINUE")))
    assert len(server.sql) == 1


def test_a_statement_cannot_outlast_the_function(
    server: FakeServer, session: SnowflakeSession, clock: FakeClock
) -> None:
    session.execute(DESC)
    clock.sleep(560)
    session.execute(DESC)
    assert [login["query_timeout"] for login in server.logins] == [300, 20]


def test_an_account_that_forbids_keys_is_named_with_the_way_out(
    server: FakeServer, session: SnowflakeSession
) -> None:
    message = (
        "Creation of stages with direct credentials, including accessing public stages, has been forbidden."
    )
    server.answers = [refused(2019, message)]
    with pytest.raises(SnowflakeError, match=r'set access\.mode = "storage_integration"'):
        session.execute(CreateStage(NAME, "s3://b/", Credentials(Secret("AKIAKEY"), Secret(MARKER)), ""))


@pytest.mark.parametrize(
    "message",
    [
        f"syntax error near '{MARKER}'",
        "syntax error near 'S3cr3tAccessKey'",
        "unexpected m4rk3r/S3cr3tAccessKey''With\\\\Quotes",
    ],
)
def test_no_secret_reaches_the_error_its_chain_or_the_log(
    server: FakeServer, session: SnowflakeSession, output: io.StringIO, message: str
) -> None:
    statement = CreateStage(NAME, "s3://b/", Credentials(Secret("AKIAMARKERKEYID"), Secret(MARKER)), "")
    server.answers = [ProgrammingError(msg=message, errno=1003, sfqid="01b2", query=statement.sql())]
    with pytest.raises(SnowflakeError) as caught:
        session.execute(statement)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    shown = (
        "".join(traceback.format_exception(caught.value))
        + repr(caught.value)
        + output.getvalue()
        + repr(statement)
    )
    assert "S3cr3t" not in shown
    assert "AKIAMARKER" not in shown
    assert "query 01b2" in str(caught.value)


def test_snowflakes_message_is_kept_without_the_secret(server: FakeServer, session: SnowflakeSession) -> None:
    server.answers = [refused(1003, f"location s3://b/ is not allowed with key {MARKER}.")]
    with pytest.raises(SnowflakeError, match=r"location s3://b/ is not allowed with key \*\*\*\."):
        session.execute(
            CreateStage(NAME, "s3://b/", Credentials(Secret("AKIAMARKERKEYID"), Secret(MARKER)), "")
        )


def test_each_statement_logs_one_line(
    server: FakeServer, session: SnowflakeSession, output: io.StringIO
) -> None:
    session.execute(DESC)
    line = json.loads(output.getvalue())
    assert line["statement"] == "DESC FILE FORMAT"
    assert line["object"] == '"DB"."RAW"."X"'
    assert line["rows"] == 1
    assert line["duration_ms"] >= 0


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("not json", "is not JSON"),
        ("[]", "is not a JSON object"),
        ("{}", "lacks private_key"),
        ('{"private_key": 5}', "private_key must be text"),
    ],
)
def test_a_malformed_secret_is_reported_without_its_content(secret: str, told: str) -> None:
    from snowflake_setup.session.secrets import fields_of

    with pytest.raises(SecretError, match=told) as caught:
        fields_of(secret, arn="arn:x", required=["private_key"], optional=[])
    assert "arn:x" in str(caught.value)
    assert "not json" not in str(caught.value)
