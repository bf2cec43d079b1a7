"""Queries by analysts: the refreshes of dynamic tables, and how much a query of one day reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cli.doctor.check import Check, Finding, When, ill, skipped, unknown, well
from cli.doctor.checks.landing import named, shown
from clickstream_wire.columns import EVENT_DATE
from snowflake_setup.sql.identifiers import literal

if TYPE_CHECKING:
    from cli.doctor.patient import Patient
    from config.names import EventStream

_DOCS = "https://docs.snowflake.com/en"
# A day of a smaller table may well be in every partition.
_PARTITIONS = 100


def _refreshes(patient: Patient, stream: EventStream) -> Finding:
    if not stream.keeps:
        return skipped("no dynamic table")
    name = stream.dynamic_table
    row = shown(patient, f"SHOW DYNAMIC TABLES LIKE {literal(name)}", name)
    mode, state = str(row["refresh_mode"]), str(row["scheduling_state"])
    reason = f", {row['refresh_mode_reason']}" if row["refresh_mode_reason"] else ""
    good = mode == "INCREMENTAL" and "SUSPENDED" not in state
    return (well if good else ill)(f"{name}: refresh mode {mode}{reason}, {state}")


def _one_day(patient: Patient, stream: EventStream) -> Finding:
    if stream.rows.deduplicate == "none":
        return skipped("no view")
    day = (datetime.now(UTC) - timedelta(days=1)).date()
    (row,) = patient.run(
        f"EXPLAIN USING JSON SELECT COUNT(*) FROM {named(patient, stream.view).sql()} "
        f'WHERE "{EVENT_DATE}" = {literal(day.isoformat())}'
    )
    stats = json.loads(str(next(iter(row.values()))))["GlobalStats"]
    read, total = int(stats["partitionsAssigned"]), int(stats["partitionsTotal"])
    told = f"a query of {day} reads {read} of {total} micro-partitions"
    if total < _PARTITIONS:
        return unknown(f"{told}: too few to tell")
    return (well if read < total / 2 else ill)(told)


CHECKS = (
    Check(
        name="dynamic-table",
        title="Dynamic tables are refreshed incrementally",
        looks_at="`SHOW DYNAMIC TABLES`, columns `refresh_mode`, `refresh_mode_reason`, `scheduling_state`",
        otherwise="suspended: look into `DYNAMIC_TABLE_REFRESH_HISTORY`, fix it, and `ALTER DYNAMIC TABLE … RESUME`; "
        "another mode: deploy again",
        source=f"{_DOCS}/user-guide/dynamic-tables/refresh-modes",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_refreshes),
        needs=("snowflake-login",),
    ),
    Check(
        name="one-day-query",
        title="A query of one `EVENT_DATE` reads a part of the table only",
        looks_at="`EXPLAIN USING JSON` of a query of the view, `partitionsAssigned` of `partitionsTotal`",
        otherwise='set `deduplicate = "dynamic_table"`, which is clustered by date ([analysts.md](analysts.md))',
        source=f"{_DOCS}/sql-reference/sql/explain",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_one_day),
        needs=("snowflake-login",),
        laptop="the stand-in has no micro-partitions",
    ),
)
