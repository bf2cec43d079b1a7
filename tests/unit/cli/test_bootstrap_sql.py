"""The administrator's SQL: the exact text of its grants."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer.testing
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cli.bootstrap_sql import bootstrap_sql
from cli.keys import public_key_in
from cli.main import app
from cli.output import CommandError
from cli.service_logins import KeyPairLogin, WorkloadIdentityLogin
from config.files import load_config

IDENTITY = WorkloadIdentityLogin("arn:aws:iam::111122223333:role/clickstream-dev-snowflake-setup")
WATCHER = WorkloadIdentityLogin("arn:aws:iam::111122223333:role/clickstream-dev-pipeline-monitor")


def statements(sql: str) -> list[str]:
    text = "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
    return [part.strip() for part in text.split(";") if part.strip()]


def grants(sql: str, role: str) -> list[str]:
    return [s for s in statements(sql) if s.startswith("GRANT") and f'"{role}"' in s]


def test_the_role_gets_exactly_the_grants_of_a_deployment() -> None:
    role, schema = '"CLICKSTREAM_DEV_DEPLOY"', '"CLICKSTREAM_DEV"."RAW"'
    assert grants(bootstrap_sql(load_config("dev"), IDENTITY, WATCHER), "CLICKSTREAM_DEV_DEPLOY") == [
        f'GRANT USAGE ON DATABASE "CLICKSTREAM_DEV" TO ROLE {role}',
        f"GRANT USAGE ON SCHEMA {schema} TO ROLE {role}",
        f'GRANT USAGE ON WAREHOUSE "CLICKSTREAM_DEV" TO ROLE {role}',
        f"GRANT CREATE FILE FORMAT, CREATE STAGE, CREATE TABLE, CREATE PIPE, CREATE VIEW "
        f"ON SCHEMA {schema} TO ROLE {role}",
        f'GRANT ROLE {role} TO USER "CLICKSTREAM_DEV_DEPLOY"',
        f"GRANT ROLE {role} TO ROLE SYSADMIN",
    ]


def test_the_role_may_create_dynamic_tables_where_there_are_some(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        '[snowflake]\naccount = "a-b"\n[rows]\ndeduplicate = "dynamic_table"\n'
    )
    sql = bootstrap_sql(load_config("mine", tmp_path), IDENTITY, WATCHER)
    assert 'CREATE VIEW, CREATE DYNAMIC TABLE ON SCHEMA "CLICKSTREAM_MINE"."RAW" TO ROLE' in sql


def test_the_role_may_create_policies_where_rows_expire(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[snowflake]\naccount = "a-b"\n[rows]\nkeep_days = 90\n')
    sql = bootstrap_sql(load_config("mine", tmp_path), IDENTITY, WATCHER)
    assert "CREATE VIEW, CREATE STORAGE LIFECYCLE POLICY ON SCHEMA" in sql


def test_the_monitor_gets_only_grants_to_read() -> None:
    role, schema = '"CLICKSTREAM_DEV_MONITOR"', '"CLICKSTREAM_DEV"."RAW"'
    sql = bootstrap_sql(load_config("dev"), IDENTITY, WATCHER)
    assert grants(sql, "CLICKSTREAM_DEV_MONITOR") == [
        f'GRANT USAGE ON DATABASE "CLICKSTREAM_DEV" TO ROLE {role}',
        f"GRANT USAGE ON SCHEMA {schema} TO ROLE {role}",
        f'GRANT USAGE ON WAREHOUSE "CLICKSTREAM_DEV" TO ROLE {role}',
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO ROLE {role}",
        f"GRANT SELECT ON FUTURE TABLES IN SCHEMA {schema} TO ROLE {role}",
        f"GRANT MONITOR ON FUTURE PIPES IN SCHEMA {schema} TO ROLE {role}",
        f'GRANT ROLE {role} TO USER "CLICKSTREAM_DEV_MONITOR"',
    ]
    assert f'-- GRANT MONITOR ON PIPE {schema}."CLICK_EVENTS_PIPE" TO ROLE {role};' in sql
    # They switch off the future grants that the account's own roles may have on the database.
    told = sql.index("Snowflake ignores grants ON FUTURE TABLES or PIPES IN DATABASE")
    assert told < sql.index("\nGRANT SELECT ON FUTURE TABLES")


def test_an_environment_without_a_monitor_has_no_user_for_it(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[snowflake]\naccount = "a-b"\n[monitor]\nenabled = false\n')
    sql = bootstrap_sql(load_config("mine", tmp_path), IDENTITY)
    assert "MONITOR" not in sql
    assert sql.rstrip().endswith(";"), "a comment at the end would be sent as an empty statement"
    with pytest.raises(ValueError, match="the monitor is enabled, so its user needs a login"):
        bootstrap_sql(load_config("dev"), IDENTITY)


def test_a_storage_integration_needs_one_privilege_on_the_account(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        '[snowflake]\naccount = "a-b"\n[access]\nmode = "storage_integration"\n'
    )
    sql = bootstrap_sql(load_config("mine", tmp_path), IDENTITY, WATCHER)
    assert sql.count("USE ROLE ACCOUNTADMIN;") == 1
    assert (
        "USE ROLE ACCOUNTADMIN;\n"
        'GRANT CREATE STORAGE INTEGRATION ON ACCOUNT TO ROLE "CLICKSTREAM_MINE_DEPLOY";\n'
        "USE ROLE SECURITYADMIN;\n"
    ) in sql
    assert "and, for one statement, ACCOUNTADMIN." in sql.splitlines()[1]
    by_user = bootstrap_sql(load_config("dev"), IDENTITY, WATCHER)
    assert "ON ACCOUNT" not in by_user
    assert "ACCOUNTADMIN" not in by_user


def test_the_warehouse_is_created_and_granted(tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.write_text('[snowflake]\naccount = "a-b"\nwarehouse = "loader"\n')
    sql = bootstrap_sql(load_config("mine", tmp_path), IDENTITY, WATCHER)
    assert (
        'CREATE WAREHOUSE IF NOT EXISTS "LOADER" WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 30 AUTO_RESUME = TRUE '
        "INITIALLY_SUSPENDED = TRUE"
    ) in sql
    assert 'GRANT USAGE ON WAREHOUSE "LOADER" TO ROLE "CLICKSTREAM_MINE_DEPLOY";' in sql


def test_roles_of_analysts_may_read_the_views_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        '[snowflake]\naccount = "a-b"\nreader_roles = ["analyst", "BI"]\n[monitor]\nenabled = false\n'
    )
    sql, schema = bootstrap_sql(load_config("mine", tmp_path), IDENTITY), '"CLICKSTREAM_MINE"."RAW"'
    for role in ("ANALYST", "BI"):
        assert grants(sql, role) == [
            f'GRANT USAGE ON DATABASE "CLICKSTREAM_MINE" TO ROLE "{role}"',
            f'GRANT USAGE ON SCHEMA {schema} TO ROLE "{role}"',
            f'GRANT SELECT ON ALL VIEWS IN SCHEMA {schema} TO ROLE "{role}"',
            f'GRANT SELECT ON FUTURE VIEWS IN SCHEMA {schema} TO ROLE "{role}"',
        ]
        assert f'CREATE ROLE IF NOT EXISTS "{role}"' not in sql
    assert sql.count("Snowflake ignores grants ON FUTURE VIEWS IN DATABASE in this schema") == 2


def test_workload_identity_binds_the_user_to_the_lambdas_role() -> None:
    sql = bootstrap_sql(load_config("dev"), IDENTITY, WATCHER)
    assert f"WORKLOAD_IDENTITY = (TYPE = AWS ARN = '{IDENTITY.role_arn}')" in sql
    assert f"WORKLOAD_IDENTITY = (TYPE = AWS ARN = '{WATCHER.role_arn}')" in sql
    assert "RSA_PUBLIC_KEY" not in sql


def test_key_pair_login_sets_the_public_key(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    path = tmp_path / "rsa_key.pub"
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    login = KeyPairLogin(public_key_in(path))
    body = "".join(path.read_text().splitlines()[1:-1])
    assert f"SET RSA_PUBLIC_KEY = '{body}'" in bootstrap_sql(load_config("local"), login, login)


def test_no_password_is_ever_set() -> None:
    assert "PASSWORD" not in bootstrap_sql(load_config("prod"), IDENTITY, WATCHER).upper()


@pytest.mark.parametrize("content", [b"", b"not a key"])
def test_a_file_that_is_not_a_public_key_is_refused_with_advice(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pub"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no public key in PEM form; make a pair with `openssl"):
        public_key_in(path)


def test_keys_that_snowflake_refuses_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pub"
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(ValueError, match="RSA key of 2048 bits"):
        public_key_in(path)


def printed(*arguments: str) -> str:
    result = typer.testing.CliRunner().invoke(app, ["bootstrap-sql", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_names_the_iam_role_of_each_lambda() -> None:
    sql = printed("--env", "dev", "--account", "111122223333")
    assert {IDENTITY.role_arn, WATCHER.role_arn} <= set(sql.split("'"))


def test_key_pair_login_needs_both_public_keys(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    path = tmp_path / "rsa_key.pub"
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(CommandError, match="name its public key with --public-key FILE"):
        printed("--env", "local")
    only_one = ("--env", "local", "--public-key", str(path))
    with pytest.raises(CommandError, match="name its public key with --monitor-public-key FILE"):
        printed(*only_one)
    assert printed(*only_one, "--monitor-public-key", str(path)).count("SET RSA_PUBLIC_KEY") == 2
