"""The retention of rows: whether policies are attached, and whether Snowflake runs them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cli.doctor.check import Check, Finding, When, ill, skipped, well
from cli.doctor.checks.landing import named
from clickstream_wire.columns import LOADED_AT
from snowflake_setup.sql.retention import AttachedPolicies, policy_of
from snowflake_setup.sql.timestamps import timestamp

if TYPE_CHECKING:
    from cli.doctor.patient import Patient
    from config.names import EventStream

_DOCS = "https://docs.snowflake.com/en/user-guide/storage-management"
# A policy runs once a day, and compares dates.
_LATE = timedelta(days=3)


def _expires(patient: Patient, stream: EventStream) -> Finding:
    if not stream.expiring:
        return skipped("rows.keep_days is 0")
    for table in stream.expiring:
        name = named(patient, table)
        attached = [str(row["policy_name"]) for row in patient.rows(AttachedPolicies(name).sql())]
        policy = policy_of(name)
        if policy is None or policy.name.value not in attached:
            return ill(f"{table} has storage lifecycle policy {', '.join(attached) or 'none'}, not its own")
    table = named(patient, stream.table).sql()
    (row,) = patient.rows(f'SELECT MIN("{LOADED_AT}") AS OLDEST FROM {table}')
    if row["oldest"] is None:
        return well(f"{', '.join(stream.expiring)}: attached; there is no row yet")
    age = datetime.now(UTC) - timestamp(row["oldest"])
    told = f"{', '.join(stream.expiring)}: attached; the oldest row was loaded {age.days} days ago"
    return (ill if age > timedelta(days=stream.rows.keep_days) + _LATE else well)(told)


CHECKS = (
    Check(
        name="retention",
        title="Rows expire after `rows.keep_days`",
        looks_at="`POLICY_REFERENCES` of the table and its dynamic table; the oldest `LOADED_AT`",
        otherwise="not attached: change `rows.keep_days` and deploy. Attached, but older rows remain some days "
        "after the deployment: Snowflake does not run the policy; look into "
        "`STORAGE_LIFECYCLE_POLICY_HISTORY`, and report it",
        source=f"{_DOCS}/storage-lifecycle-policies",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_expires),
        needs=("snowflake-login", "owners"),
    ),
)
