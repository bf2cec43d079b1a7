"""The administrator's SQL has been run: its own statements, compared with what the account shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cli.bootstrap_sql import bootstrap_sql
from cli.doctor.check import Check, Finding, When, ill, skipped, well
from cli.service_logins import KeyPairLogin, Purpose, ServiceUser, service_user
from snowflake_setup.sql.identifiers import QUOTED, Identifier, literal

if TYPE_CHECKING:
    from cli.doctor.patient import Patient

_CREATE = re.compile(rf"CREATE (\w+) IF NOT EXISTS ({QUOTED}(?:\.{QUOTED})?)")
_GRANT = re.compile(
    rf"GRANT (.+) ON (ACCOUNT|(?:FUTURE )?\w+)(?: IN SCHEMA)? ?({QUOTED}(?:\.{QUOTED})?)? TO ROLE ({QUOTED})"
)
_MEMBER = re.compile(rf"GRANT ROLE ({QUOTED}) TO (USER|ROLE) ({QUOTED}|\w+)")
_DOCS = "https://docs.snowflake.com/en"


def _statements(patient: Patient) -> list[str]:
    """The lines of the administrator's SQL; the logins are not looked at here."""
    placeholder = KeyPairLogin("")
    return bootstrap_sql(patient.config, placeholder, placeholder).splitlines()


def _objects(patient: Patient) -> Finding:
    missing, there = list[str](), 0
    for kind, name in (found.groups() for found in map(_CREATE.match, _statements(patient)) if found):
        *parent, last = re.findall(QUOTED, name)
        place = f" IN DATABASE {parent[0]}" if parent else ""
        value = Identifier.parse(last).value
        try:
            rows = patient.rows(f"SHOW {kind}S LIKE {literal(value)}{place}")
        except Exception:
            if not (parent and missing):  # the database is missing, so that its schema cannot be looked for
                raise
            rows = []
        if any(row["name"] == value for row in rows):
            there += 1
        else:
            missing.append(f"{kind.lower()} {value}")
    if missing:
        return ill(f"not there, or hidden from your role: {', '.join(missing)}")
    return well(f"{there} objects are there")


def _grants(patient: Patient) -> Finding:
    wanted = list(_wanted(patient))
    missing = [f"{privilege} on {name} to {role}" for privilege, name, role, held in wanted if not held]
    return ill(f"missing: {', '.join(missing)}") if missing else well(f"{len(wanted)} grants are there")


def _wanted(patient: Patient) -> Iterator[tuple[str, str, str, bool]]:
    """Each privilege of the SQL with its object and role, and whether the role holds it."""
    for found in filter(None, map(_GRANT.match, _statements(patient))):
        privileges, kind, name, role = found.groups()
        plain = (name or "ACCOUNT").replace('"', "")
        for privilege in privileges.split(", "):
            if kind.startswith("FUTURE "):
                rows = patient.rows(f"SHOW FUTURE GRANTS IN SCHEMA {name}")
                held = any(
                    row["privilege"] == privilege
                    and f"{row['grant_on']}S" == kind.removeprefix("FUTURE ")
                    and row["grantee_name"] == Identifier.parse(role).value
                    for row in rows
                )
                yield privilege, f"{kind.lower()} in {plain}", role, held
                continue
            rows = patient.rows(f"SHOW GRANTS TO ROLE {role}")
            held = any(
                row["privilege"] in (privilege, "OWNERSHIP")
                and row["granted_on"] == kind
                and (kind == "ACCOUNT" or str(row["name"]).replace('"', "") == plain)
                for row in rows
            )
            yield privilege, plain, role, held


def _roles(patient: Patient) -> Finding:
    lost, granted = [], 0
    for found in filter(None, map(_MEMBER.match, _statements(patient))):
        role, kind, member = found.groups()
        rows = patient.rows(f"SHOW GRANTS OF ROLE {role}")
        if any(row["granted_to"] == kind and row["grantee_name"] == member.strip('"') for row in rows):
            granted += 1
        else:
            lost.append(f"role {role} is not granted to {kind.lower()} {member}")
    return ill(", ".join(lost)) if lost else well(f"{granted} roles are granted as they should be")


def _logins(patient: Patient) -> Finding:
    from cli.doctor.check import worst

    purposes = [Purpose.DEPLOY, *([Purpose.MONITOR] if patient.config.monitor.enabled else [])]
    return worst({purpose.value: _user_login(patient, purpose) for purpose in purposes})


def _user_login(patient: Patient, purpose: Purpose) -> Finding:
    user = service_user(patient.config, purpose)
    rows = patient.rows(f"DESC USER {Identifier(user.user).sql()}")
    shown = {str(row["property"]).upper(): str(row["value"] or "") for row in rows}
    if shown.get("DISABLED", "").lower() == "true":
        return ill(f"user {user.user} is disabled")
    if patient.config.snowflake.login == "key_pair":
        return _key(patient, user, {shown.get("RSA_PUBLIC_KEY_FP"), shown.get("RSA_PUBLIC_KEY_2_FP")})
    if shown.get("HAS_WORKLOAD_IDENTITY", "").lower() == "false":
        return ill(f"user {user.user} has no workload identity")
    return well(f"user {user.user} logs in by workload identity")


def _key(patient: Patient, user: ServiceUser, fingerprints: set[str | None]) -> Finding:
    from cli.keys import KeyPair

    secrets = patient.client("secretsmanager")
    try:
        pair = KeyPair.of_secret(secrets.get_secret_value(SecretId=user.secret_name)["SecretString"])
    except secrets.exceptions.ResourceNotFoundException:
        return ill(f"no secret {user.secret_name}")
    except ValueError as error:
        return ill(f"secret {user.secret_name}: {error}")
    if pair.fingerprint not in fingerprints:
        return ill(f"the key in secret {user.secret_name} is not one of user {user.user}")
    return well(f"the key in secret {user.secret_name} is that of user {user.user}")


def _readers(patient: Patient) -> Finding:
    roles = patient.config.snowflake.reader_roles
    if not roles:
        return skipped("reader_roles is empty")
    missing = [
        role
        for role in roles
        if not any(row["name"] == role for row in patient.rows(f"SHOW ROLES LIKE {literal(role)}"))
    ]
    return ill(f"no role {', '.join(missing)}") if missing else well(f"{len(roles)} reader roles exist")


CHECKS = (
    Check(
        name="bootstrap-objects",
        title="The bootstrap SQL has made database, schema, warehouse, users and roles",
        looks_at="`SHOW … LIKE` of each object of `clickstream bootstrap-sql`",
        otherwise="run the SQL of `clickstream bootstrap-sql`, as administrator",
        source=f"{_DOCS}/sql-reference/sql/show",
        when=When.BEFORE,
        look=_objects,
        needs=("snowflake-login",),
    ),
    Check(
        name="reader-roles",
        title="The reader roles exist",
        looks_at="`SHOW ROLES LIKE …`",
        otherwise="create the role, or remove it from `snowflake.reader_roles`",
        source=f"{_DOCS}/sql-reference/sql/show-roles",
        when=When.BEFORE,
        look=_readers,
        needs=("snowflake-login",),
    ),
    Check(
        name="bootstrap-grants",
        title="The two roles hold what the bootstrap SQL grants",
        looks_at="`SHOW GRANTS TO ROLE`, `SHOW FUTURE GRANTS IN SCHEMA`",
        otherwise="run the SQL of `clickstream bootstrap-sql` again, as administrator",
        source=f"{_DOCS}/sql-reference/sql/show-grants",
        when=When.BEFORE,
        look=_grants,
        needs=("bootstrap-objects", "reader-roles"),
    ),
    Check(
        name="user-roles",
        title="The two users have their roles",
        looks_at="`SHOW GRANTS OF ROLE`",
        otherwise="run the SQL of `clickstream bootstrap-sql` again: a function's login fails with 390186 or 390189",
        source=f"{_DOCS}/sql-reference/sql/show-grants",
        when=When.BEFORE,
        look=_roles,
        needs=("bootstrap-objects",),
    ),
    Check(
        name="service-logins",
        title="The two users can prove who they are",
        looks_at="`DESC USER`; with key pairs, whether the key in the secret is the user's",
        otherwise="key pair: `clickstream rotate-login`, or the bootstrap SQL with the right public key; workload "
        'identity: the bootstrap SQL again, or `login = "key_pair"`',
        source=f"{_DOCS}/user-guide/workload-identity-federation",
        when=When.BEFORE,
        look=_logins,
        needs=("bootstrap-objects",),
    ),
)
