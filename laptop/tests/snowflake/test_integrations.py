from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from snowflake.connector.errors import ProgrammingError

from laptop.snowflake.errors import STAND_IN
from laptop.snowflake.lake import AssumedRole
from laptop.snowflake.objects import IAM_USER_ARN
from laptop.testing.snowflake import KEY_ID, PIPE, SECRET, Account, KeyPair, Rows, runner
from laptop.testing.waiting import eventually

Run = Callable[..., Rows]
ROLE = AssumedRole(arn="arn:aws:iam::000000000000:role/lake-reader", external_id="ours")
CREATE = f"""CREATE STORAGE INTEGRATION IF NOT EXISTS "LAKE_READER" TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3'
    ENABLED = TRUE STORAGE_AWS_ROLE_ARN = '{ROLE.arn}' STORAGE_AWS_EXTERNAL_ID = 'ours'
    STORAGE_ALLOWED_LOCATIONS = ('s3://lake/events/') COMMENT = 'it''s ours'"""
INTEGRATION = 'STORAGE_INTEGRATION = "LAKE_READER"'
KEY = f"CREDENTIALS = (AWS_KEY_ID = '{KEY_ID}' AWS_SECRET_KEY = '{SECRET}')"
CREATE_STAGE = f"""CREATE STAGE "DB"."RAW"."BOUND" URL = 's3://lake/{{}}/' {INTEGRATION}"""
VALIDATE = "SELECT SYSTEM$VALIDATE_STORAGE_INTEGRATION('LAKE_READER', 's3://lake/{}/', 'unused', 'list')"


def errno(run: Run, sql: str) -> int:
    with pytest.raises(ProgrammingError) as caught:
        run(sql)
    number: int = caught.value.errno
    return number


def described(run: Run) -> dict[str, str]:
    return {row["property"]: row["property_value"] for row in run('DESC INTEGRATION "LAKE_READER"')}


@pytest.fixture
def integrated(account: Account, piped: Run) -> Run:
    """The landing of role SYSADMIN, which has created an integration; the pipe reads with a key."""
    admin = runner(account.connect())
    admin("GRANT CREATE INTEGRATION ON ACCOUNT TO ROLE SYSADMIN")
    piped(CREATE)
    return piped


@pytest.fixture
def bound(integrated: Run) -> Run:
    """The same with a second stage, which reads through the integration, and the pipe on that one."""
    integrated(
        CREATE_STAGE.format("events"),
        PIPE.replace("CREATE PIPE", "CREATE OR REPLACE PIPE").replace('"LAKE"', '"BOUND"'),
    )
    return integrated


def test_desc_shows_the_principal_that_the_role_must_trust(integrated: Run) -> None:
    there = described(integrated)
    assert there["STORAGE_AWS_IAM_USER_ARN"] == IAM_USER_ARN
    assert there["STORAGE_AWS_EXTERNAL_ID"] == "ours"
    assert there["STORAGE_ALLOWED_LOCATIONS"] == "s3://lake/events/"
    assert (there["ENABLED"], there["COMMENT"]) == ("true", "it's ours")
    assert "already exists" in str(integrated(CREATE))


def test_it_is_altered_in_place(integrated: Run) -> None:
    integrated('ALTER INTEGRATION "LAKE_READER" SET ENABLED = FALSE')
    assert described(integrated)["ENABLED"] == "false"
    integrated(
        """ALTER STORAGE INTEGRATION "LAKE_READER" SET ENABLED = TRUE COMMENT = ''
        STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::000000000000:role/new' STORAGE_AWS_EXTERNAL_ID = 'other'
        STORAGE_ALLOWED_LOCATIONS = ('s3://lake/events/', 's3://b/')"""
    )
    there = described(integrated)
    assert there["STORAGE_AWS_ROLE_ARN"] == "arn:aws:iam::000000000000:role/new"
    assert there["STORAGE_AWS_EXTERNAL_ID"] == "other"
    assert there["STORAGE_ALLOWED_LOCATIONS"] == "s3://lake/events/,s3://b/"
    assert (there["ENABLED"], there["COMMENT"]) == ("true", "")


@pytest.mark.parametrize("privilege", ["CREATE INTEGRATION", "CREATE STORAGE INTEGRATION"])
def test_creating_one_is_a_privilege_on_the_account(
    account: Account, landing: Run, other_key: KeyPair, privilege: str
) -> None:
    admin = runner(account.connect())
    admin(
        "CREATE ROLE MAKER",
        f"CREATE USER SVC RSA_PUBLIC_KEY = '{other_key.public_body}' DEFAULT_ROLE = MAKER",
        "GRANT ROLE MAKER TO USER SVC",
    )
    maker = runner(account.connect("SVC", other_key))
    assert errno(maker, CREATE) == 3001
    grant = f"GRANT {privilege} ON ACCOUNT TO ROLE MAKER"
    admin("USE ROLE SECURITYADMIN")
    assert errno(admin, grant) == 3102
    assert errno(maker, CREATE) == 3001
    admin("USE ROLE ACCOUNTADMIN", grant)
    maker(CREATE)
    assert ("OWNERSHIP", "LAKE_READER") in {
        (row["privilege"], row["name"]) for row in maker("SHOW GRANTS TO ROLE MAKER")
    }


def test_binding_a_stage_needs_usage(account: Account, integrated: Run, other_key: KeyPair) -> None:
    admin = runner(account.connect())
    admin(
        "CREATE ROLE STAGER",
        f"CREATE USER SVC RSA_PUBLIC_KEY = '{other_key.public_body}' DEFAULT_ROLE = STAGER",
        "GRANT ROLE STAGER TO USER SVC",
        "GRANT USAGE ON DATABASE DB TO ROLE STAGER",
        "GRANT USAGE, CREATE STAGE ON SCHEMA DB.RAW TO ROLE STAGER",
    )
    stager = runner(account.connect("SVC", other_key))
    create = CREATE_STAGE.format("events")
    assert errno(stager, create) == 2003
    assert errno(stager, VALIDATE.format("events")) == 2003
    integrated('GRANT USAGE ON INTEGRATION "LAKE_READER" TO ROLE STAGER')
    stager(create)
    assert errno(stager, 'DROP INTEGRATION "LAKE_READER"') == 3001


def test_a_location_outside_is_refused(integrated: Run) -> None:
    assert errno(integrated, CREATE_STAGE.format("other")) == 3167
    assert errno(integrated, VALIDATE.format("other")) == 3167


def test_validation_shows_if_the_role_can_be_assumed(account: Account, integrated: Run) -> None:
    def answer() -> dict[str, str]:
        (row,) = integrated(VALIDATE.format("events"))
        told: dict[str, str] = json.loads(next(iter(row.values())))
        return told

    refused = answer()
    assert refused["status"] == "failure"
    assert "Error assuming AWS_ROLE" in str(refused["actions"])
    account.lake.roles.add(ROLE)
    assert answer()["status"] == "success"


def test_reading_without_trust_fails_with_snowflakes_message(account: Account, bound: Run) -> None:
    for statement in ('LIST @"DB"."RAW"."BOUND"', 'ALTER PIPE "DB"."RAW"."PIPE" REFRESH'):
        with pytest.raises(ProgrammingError, match="Error assuming AWS_ROLE") as caught:
            bound(statement)
        assert caught.value.errno == 3167
    bound('ALTER INTEGRATION "LAKE_READER" SET ENABLED = FALSE')
    account.lake.roles.add(ROLE)
    assert errno(bound, 'LIST @"DB"."RAW"."BOUND"') == 3155


def test_a_pipe_waits_for_the_trust_of_its_stages_role(account: Account, bound: Run) -> None:
    account.put("1.json", b'{"event_id": "1"}')
    eventually(lambda: "STALLED" in str(bound("SELECT SYSTEM$PIPE_STATUS('DB.RAW.PIPE')")))
    account.lake.roles.add(ROLE)
    eventually(lambda: bound('SELECT EVENT_ID FROM "DB"."RAW"."CLICKS"') == [{"EVENT_ID": "1"}])


@pytest.mark.parametrize(
    ("stage", "access", "told"),
    [
        ("LAKE", INTEGRATION, "STORAGE_INTEGRATION property is not allowed"),
        ("BOUND", KEY, "CREDENTIALS property is not allowed on stages that use a storage integration"),
        ("BOUND", f"URL = 's3://lake/events/' {KEY}", "CREDENTIALS property is not allowed"),
        ("LAKE", f"{INTEGRATION} {KEY}", "STORAGE_INTEGRATION property is not allowed"),
    ],
)
def test_a_stage_keeps_its_kind_of_access(bound: Run, stage: str, access: str, told: str) -> None:
    alter = f'ALTER STAGE "DB"."RAW"."{stage}"'
    with pytest.raises(ProgrammingError, match=told):
        bound(f"{alter} SET {access}")
    for option in ("CREDENTIALS", "STORAGE_INTEGRATION"):
        assert errno(bound, f"{alter} UNSET {option}") == STAND_IN


def test_only_show_tells_a_stages_integration(bound: Run) -> None:
    shown = {row["name"]: row for row in bound('SHOW STAGES IN SCHEMA "DB"."RAW"')}
    assert [shown[name]["storage_integration"] for name in ("BOUND", "LAKE")] == ["LAKE_READER", None]
    assert [shown[name]["has_credentials"] for name in ("BOUND", "LAKE")] == ["N", "Y"]
    assert "LAKE_READER" not in str(bound('DESC STAGE "DB"."RAW"."BOUND"'))


def test_stages_of_a_replaced_integration_fail_until_they_are_rebound(account: Account, bound: Run) -> None:
    account.lake.roles.add(ROLE)
    assert bound('LIST @"DB"."RAW"."BOUND"') == []
    bound(CREATE.replace("CREATE STORAGE INTEGRATION IF NOT EXISTS", "CREATE OR REPLACE INTEGRATION"))
    assert errno(bound, 'LIST @"DB"."RAW"."BOUND"') == 2003
    bound('ALTER STAGE "DB"."RAW"."BOUND" SET COMMENT = \'x\'')
    assert errno(bound, 'LIST @"DB"."RAW"."BOUND"') == 2003
    bound(f'ALTER STAGE "DB"."RAW"."BOUND" SET {INTEGRATION}')
    assert bound('LIST @"DB"."RAW"."BOUND"') == []


@pytest.mark.parametrize(
    "call", ["'LAKE_READER', 's3://lake/events/', 'f', 'write'", "'LAKE_READER'", "1, 2, 3, 4"]
)
def test_other_validations_are_refused(integrated: Run, call: str) -> None:
    assert errno(integrated, f"SELECT SYSTEM$VALIDATE_STORAGE_INTEGRATION({call})") == STAND_IN
