"""Policies of the Snowflake account that may keep the functions out, and their newest logins."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from cli.doctor.check import Check, Finding, When, ill, unknown, well, worst
from snowflake_setup.sql.identifiers import Identifier, literal

if TYPE_CHECKING:
    from cli.doctor.patient import Patient, Row

_DOCS = "https://docs.snowflake.com/en"
_ANYWHERE = "0.0.0.0/0"


def _each_user(patient: Patient, look: Callable[[Patient, str], Finding]) -> Finding:
    names = patient.config.snowflake
    users = [names.user, *([names.monitor_user] if patient.config.monitor.enabled else [])]
    return worst({user: look(patient, user) for user in users})


def _network(patient: Patient, user: str) -> Finding:
    rows = patient.rows(f"SHOW PARAMETERS LIKE 'NETWORK_POLICY' FOR USER {Identifier(user).sql()}")
    policy = next((str(row["value"] or "") for row in rows), "")
    if not policy:
        return well("no network policy")
    shown = _properties(patient.rows(f"DESC NETWORK POLICY {Identifier(policy).sql()}"))
    if shown.get("ALLOWED_NETWORK_RULE_LIST"):
        return unknown(
            f"network policy {policy} consists of network rules: see that they allow the functions"
        )
    if _ANYWHERE in re.split(r"[\s,\[\]'\"]+", shown.get("ALLOWED_IP_LIST", "")):
        return well(f"network policy {policy} allows all addresses")
    return ill(f"network policy {policy} allows {shown.get('ALLOWED_IP_LIST') or 'no addresses'}")


def _authentication(patient: Patient, user: str) -> Finding:
    rows = patient.rows(f"SHOW AUTHENTICATION POLICIES ON USER {Identifier(user).sql()}")
    rows = rows or patient.rows("SHOW AUTHENTICATION POLICIES ON ACCOUNT")
    if not rows:
        return well("no authentication policy")
    place = [rows[0]["database_name"], rows[0]["schema_name"], rows[0]["name"]]
    name = ".".join(Identifier(str(part)).sql() for part in place)
    shown = _properties(patient.rows(f"DESC AUTHENTICATION POLICY {name}"))
    method = {"key_pair": "KEYPAIR"}.get(patient.config.snowflake.login, "WORKLOAD_IDENTITY")
    refused = [
        f"{key} are {shown[key]}"
        for key, wanted in (("AUTHENTICATION_METHODS", method), ("CLIENT_TYPES", "DRIVERS"))
        if key in shown and not {"ALL", wanted} & set(re.findall(r"\w+", shown[key]))
    ]
    if refused:
        return ill(f"authentication policy {place[-1]}: {', '.join(refused)}")
    return well(f"authentication policy {place[-1]} allows {method}")


def _properties(rows: list[Row]) -> dict[str, str]:
    """Names and values of a DESC, whatever the columns are called."""
    found = ((row.get("name") or row.get("property"), row.get("value")) for row in rows)
    return {str(name).upper(): str(value or "") for name, value in found}


def _newest_login(patient: Patient, user: str) -> Finding:
    database = Identifier(patient.config.snowflake.database).sql()
    rows = patient.rows(
        "SELECT EVENT_TIMESTAMP, IS_SUCCESS, ERROR_CODE, ERROR_MESSAGE FROM TABLE("
        f"{database}.INFORMATION_SCHEMA.LOGIN_HISTORY_BY_USER(USER_NAME => {literal(user)}, RESULT_LIMIT => 20)) "
        "ORDER BY EVENT_TIMESTAMP DESC LIMIT 1"
    )
    if not rows:
        return unknown("no login in the last seven days is shown to your role")
    (row,) = rows
    if str(row["is_success"]).upper() == "YES":
        return well(f"logged in at {row['event_timestamp']:%Y-%m-%d %H:%M} UTC")
    return ill(f"refused: {row['error_code']} {row['error_message']}")


CHECKS = (
    Check(
        name="network-policy",
        title="The Snowflake account allows the functions to connect",
        looks_at="`SHOW PARAMETERS LIKE 'NETWORK_POLICY' FOR USER …`, then `DESC NETWORK POLICY`",
        otherwise="a login would fail with 390422, “… is not allowed to access Snowflake”. The functions' addresses "
        "change, so give the two service users a separate policy that allows all addresses: "
        "`ALTER USER CLICKSTREAM_DEV_DEPLOY SET NETWORK_POLICY = …`; they authenticate by role or key",
        source=f"{_DOCS}/user-guide/network-policies",
        when=When.BEFORE,
        look=lambda patient: _each_user(patient, _network),
        needs=("bootstrap-objects",),
    ),
    Check(
        name="authentication-policy",
        title="Authentication policies allow the functions to log in",
        looks_at="`SHOW AUTHENTICATION POLICIES ON USER …` and `ON ACCOUNT`, then `DESC AUTHENTICATION POLICY`",
        otherwise="a login would fail with 390202, “… rejected by the current authentication policy”: give the two "
        "service users a separate policy, which takes precedence over the account's: `CREATE AUTHENTICATION POLICY … "
        "AUTHENTICATION_METHODS = ('WORKLOAD_IDENTITY') CLIENT_TYPES = ('DRIVERS')` (`'KEYPAIR'` for key-pair logins), "
        "then `ALTER USER … SET AUTHENTICATION POLICY …`",
        source=f"{_DOCS}/user-guide/authentication-policies",
        when=When.BEFORE,
        look=lambda patient: _each_user(patient, _authentication),
        needs=("bootstrap-objects",),
    ),
    Check(
        name="newest-logins",
        title="The functions log in",
        looks_at="`INFORMATION_SCHEMA.LOGIN_HISTORY_BY_USER` of the two service users",
        otherwise="follow the error's number; with workload identity, compare the user's role ARN with the function's, "
        'or set `login = "key_pair"` and store a key',
        source=f"{_DOCS}/sql-reference/functions/login_history",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: _each_user(patient, _newest_login),
        needs=("service-logins", "user-roles", "network-policy", "authentication-policy"),
    ),
)
