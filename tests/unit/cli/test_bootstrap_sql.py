"""The administrator's SQL: what it grants, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cli.bootstrap_sql import KeyPairLogin, WorkloadIdentityLogin, bootstrap_sql
from stacks.config_files import load_config

IDENTITY = WorkloadIdentityLogin("arn:aws:iam::111122223333:role/clickstream-dev-snowflake-setup")


def statements(sql: str) -> list[str]:
    text = "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
    return [part.strip() for part in text.split(";") if part.strip()]


def test_role_gets_what_a_deployment_needs_and_no_more() -> None:
    grants = [s for s in statements(bootstrap_sql(load_config("dev"), IDENTITY)) if s.startswith("GRANT")]
    role, schema = '"CLICKSTREAM_DEV_DEPLOY"', '"CLICKSTREAM_DEV"."RAW"'
    assert grants == [
        f'GRANT USAGE ON DATABASE "CLICKSTREAM_DEV" TO ROLE {role}',
        f"GRANT USAGE ON SCHEMA {schema} TO ROLE {role}",
        f"GRANT CREATE FILE FORMAT, CREATE STAGE, CREATE TABLE, CREATE PIPE, CREATE VIEW "
        f"ON SCHEMA {schema} TO ROLE {role}",
        f'GRANT USAGE ON WAREHOUSE "CLICKSTREAM_DEV" TO ROLE {role}',
        f'GRANT ROLE {role} TO USER "CLICKSTREAM_DEV_DEPLOY"',
        f"GRANT ROLE {role} TO ROLE SYSADMIN",
    ]


def test_a_storage_integration_needs_one_right_on_the_account(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        '[snowflake]\naccount = "a-b"\n[access]\nmode = "storage_integration"\n'
    )
    sql = bootstrap_sql(load_config("mine", tmp_path), IDENTITY)
    assert 'GRANT CREATE STORAGE INTEGRATION ON ACCOUNT TO ROLE "CLICKSTREAM_DEPLOY";' in sql
    assert "ON ACCOUNT" not in bootstrap_sql(load_config("dev"), IDENTITY)


def test_a_warehouse_is_granted_where_the_config_names_one(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[snowflake]\naccount = "a-b"\nwarehouse = "loader"\n')
    sql = bootstrap_sql(load_config("mine", tmp_path), IDENTITY)
    assert 'GRANT USAGE ON WAREHOUSE "LOADER" TO ROLE "CLICKSTREAM_DEPLOY";' in sql


def test_workload_identity_binds_the_user_to_the_lambdas_role() -> None:
    sql = bootstrap_sql(load_config("dev"), IDENTITY)
    assert f"WORKLOAD_IDENTITY = (TYPE = AWS ARN = '{IDENTITY.role_arn}')" in sql
    assert "RSA_PUBLIC_KEY" not in sql


def test_key_pair_takes_the_public_half(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    path = tmp_path / "rsa_key.pub"
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    login = KeyPairLogin.from_pem(path)
    body = "".join(path.read_text().splitlines()[1:-1])
    assert f"SET RSA_PUBLIC_KEY = '{body}'" in bootstrap_sql(load_config("local"), login)


def test_no_password_is_ever_set() -> None:
    assert "PASSWORD" not in bootstrap_sql(load_config("prod"), IDENTITY).upper()


@pytest.mark.parametrize("content", [b"", b"not a key"])
def test_what_is_no_public_key_is_refused_with_advice(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pub"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no public key in PEM form; make a pair with `openssl"):
        KeyPairLogin.from_pem(path)


def test_keys_that_snowflake_refuses_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pub"
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(ValueError, match="RSA key of 2048 bits"):
        KeyPairLogin.from_pem(path)
