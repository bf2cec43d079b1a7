"""Faults on the side of Snowflake."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.doctor.patient import Row
from cli.keys import KeyPair
from tests.e2e.plain.doctor_faults.injecting import Examined, Faults, answered, configured, every, statements

SCHEMA = '"CLICKSTREAM_LOCAL_DIRECT"."RAW"'
DEPLOY, MONITOR = "CLICKSTREAM_LOCAL_DIRECT_DEPLOY", "CLICKSTREAM_LOCAL_DIRECT_MONITOR"
OLD = (datetime.now(UTC) - timedelta(days=20)).isoformat()


@contextmanager
def another_secret(there: Examined) -> Iterator[None]:
    secrets, which = there.client("secretsmanager"), {"SecretId": there.config.snowflake.login_secret_name}
    before = secrets.get_secret_value(**which)["SecretString"]
    secrets.put_secret_value(**which, SecretString=KeyPair.new().secret)
    try:
        yield
    finally:
        secrets.put_secret_value(**which, SecretString=before)


def _state(**values: Any) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [{"status": json.dumps(json.loads(row["status"]) | values)} for row in rows]


def _without_times(**values: Any) -> Callable[[list[Row]], list[Row]]:
    def change(rows: list[Row]) -> list[Row]:
        state = json.loads(rows[0]["status"])
        return [{"status": json.dumps({key: v for key, v in state.items() if "Time" not in key} | values)}]

    return change


_NETWORK = "CREATE NETWORK POLICY OFFICE ALLOWED_IP_LIST = ('203.0.113.0/24'); "
_PEOPLE = f"CREATE AUTHENTICATION POLICY {SCHEMA}.PEOPLE AUTHENTICATION_METHODS = ('SAML'); "
_EVOLUTION = json.dumps({"evolutionType": "ADD_COLUMN", "triggeringTime": OLD})
_REFUSED = {
    "is_success": "NO",
    "error_code": 390144,
    "error_message": "JWT_TOKEN_INVALID",
    "event_timestamp": None,
}
FAULTS: Faults = {
    "missing warehouse": ("bootstrap-objects", lambda it: answered("SHOW WAREHOUSES", lambda rows: [])),
    "unknown reader role": (
        "reader-roles",
        lambda it: configured(it, snowflake={"reader_roles": ("NOBODY",)}),
    ),
    "missing grant": (
        "bootstrap-grants",
        lambda it: statements(
            it,
            f"REVOKE USAGE ON WAREHOUSE {it.config.snowflake.warehouse} FROM ROLE {DEPLOY}",
            f"GRANT USAGE ON WAREHOUSE {it.config.snowflake.warehouse} TO ROLE {DEPLOY}",
        ),
    ),
    "role broken": (
        "user-roles",
        lambda it: statements(
            it, f"REVOKE ROLE {MONITOR} FROM USER {MONITOR}", f"GRANT ROLE {MONITOR} TO USER {MONITOR}"
        ),
    ),
    "another key in the login secret": ("service-logins", another_secret),
    "Snowflake in another region": (
        "snowflake-region",
        lambda it: answered("CURRENT_REGION", every(region="PUBLIC.AWS_US_WEST_2")),
    ),
    "REQUIRE_STORAGE_INTEGRATION": (
        "storage-integration",
        lambda it: statements(
            it,
            "ALTER ACCOUNT SET REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION = TRUE",
            "ALTER ACCOUNT UNSET REQUIRE_STORAGE_INTEGRATION_FOR_STAGE_OPERATION",
        ),
    ),
    "no gate, and an account elsewhere": ("timezone", lambda it: configured(it, gate={"enabled": False})),
    "future grants of the database": (
        "future-grants",
        lambda it: statements(
            it,
            f"GRANT SELECT ON FUTURE TABLES IN DATABASE CLICKSTREAM_LOCAL_DIRECT TO ROLE {MONITOR}",
            f"REVOKE SELECT ON FUTURE TABLES IN DATABASE CLICKSTREAM_LOCAL_DIRECT FROM ROLE {MONITOR}",
        ),
    ),
    "network policy": (
        "network-policy",
        lambda it: statements(
            it,
            f"{_NETWORK}ALTER USER {MONITOR} SET NETWORK_POLICY = OFFICE",
            f"ALTER USER {MONITOR} UNSET NETWORK_POLICY; DROP NETWORK POLICY OFFICE",
        ),
    ),
    "authentication policy": (
        "authentication-policy",
        lambda it: statements(
            it,
            f"{_PEOPLE}ALTER USER {MONITOR} SET AUTHENTICATION POLICY {SCHEMA}.PEOPLE",
            f"ALTER USER {MONITOR} UNSET AUTHENTICATION POLICY; DROP AUTHENTICATION POLICY {SCHEMA}.PEOPLE",
        ),
    ),
    "refused login": ("newest-logins", lambda it: answered("LOGIN_HISTORY", lambda rows: [_REFUSED])),
    "stage by integration": (
        "stage-access",
        lambda it: answered("SHOW STAGES", every(storage_integration="OTHER")),
    ),
    "queue in another region": (
        "pipe-queue",
        lambda it: answered("SHOW PIPES", every(notification_channel="arn:aws:sqs:us-west-2:1:sf-snowpipe")),
    ),
    "pipe paused": (
        "pipe-running",
        lambda it: statements(
            it,
            f"ALTER PIPE {SCHEMA}.CLICK_EVENTS_PIPE SET PIPE_EXECUTION_PAUSED = TRUE",
            f"ALTER PIPE {SCHEMA}.CLICK_EVENTS_PIPE SET PIPE_EXECUTION_PAUSED = FALSE",
        ),
    ),
    "stale pipe": (
        "pipe-stale",
        lambda it: answered(
            "PIPE_STATUS", _without_times(executionState="PAUSED", lastForwardedMessageTimestamp=OLD)
        ),
    ),
    "times of another form": (
        "pipe-times",
        lambda it: answered("PIPE_STATUS", _state(lastIngestedTimestamp="28.11.2026")),
    ),
    "view of another owner": (
        "owners",
        lambda it: statements(
            it,
            f"GRANT OWNERSHIP ON VIEW {SCHEMA}.CLICK_EVENTS_DEDUPLICATED TO ROLE SYSADMIN COPY CURRENT GRANTS",
            f"GRANT OWNERSHIP ON VIEW {SCHEMA}.CLICK_EVENTS_DEDUPLICATED TO ROLE {DEPLOY} COPY CURRENT GRANTS",
        ),
    ),
    "monitor may not select": (
        "monitor-grants",
        lambda it: statements(
            it,
            f"REVOKE SELECT ON TABLE {SCHEMA}.CLICK_EVENTS FROM ROLE {MONITOR}",
            f"GRANT SELECT ON TABLE {SCHEMA}.CLICK_EVENTS TO ROLE {MONITOR}",
        ),
    ),
    "evolved column": (
        "evolved-columns",
        lambda it: answered(
            "SHOW COLUMNS", lambda rows: [*rows[1:], rows[0] | {"schema_evolution_record": _EVOLUTION}]
        ),
    ),
    "no error table": (
        "error-tables",
        lambda it: statements(
            it,
            f"ALTER TABLE {SCHEMA}.CLICK_EVENTS SET ERROR_LOGGING = FALSE",
            f"ALTER TABLE {SCHEMA}.CLICK_EVENTS SET ERROR_LOGGING = TRUE",
        ),
    ),
    "an error table that is not used": (
        "error-tables-used",
        lambda it: answered(
            "AS REFUSED_AT",
            lambda rows: [{"file_name": "x.gz", "refused_at": datetime.now(UTC) + timedelta(hours=1)}],
        ),
    ),
    "canaries that stopped": (
        "canary",
        lambda it: answered("AS CANARY", every(canary=datetime.now(UTC) - timedelta(minutes=40))),
    ),
    "path relative to the stage": (
        "source-file",
        lambda it: answered("AS NEWEST", every(newest="dt=2026-11-28/x")),
    ),
    "line loaded twice": (
        "rows-once",
        lambda it: statements(
            it,
            "; ".join(
                [
                    f"INSERT INTO {SCHEMA}.CLICK_EVENTS (event_id, event_type, source_file, source_row, loaded_at) "
                    "VALUES ('d', '_doctor', 'doctor', 1, CURRENT_TIMESTAMP())"
                ]
                * 2
            ),
            f"DELETE FROM {SCHEMA}.CLICK_EVENTS WHERE event_type = '_doctor'",
        ),
    ),
    "history an hour late": ("history-delay", lambda it: answered("COPY_HISTORY", lambda rows: [])),
    "other names in the history": (
        "history-names",
        lambda it: answered("COPY_HISTORY", every(stage_location="s3://another-bucket/folder/")),
    ),
}
