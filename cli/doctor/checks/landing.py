"""The Snowflake objects of a deployment except pipes: stage, table, view, and the grants on them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.doctor.check import Check, Finding, When, ill, skipped, well
from clickstream_wire.folders import DAY_FOLDER
from snowflake_setup.sql.evolved import evolved_columns
from snowflake_setup.sql.identifiers import ObjectName, literal
from snowflake_setup.sql.pipe import ShowPipeGrants
from snowflake_setup.sql.stage import ShowStage
from snowflake_setup.sql.table import ShowColumns

if TYPE_CHECKING:
    from cli.doctor.patient import Patient, Row
    from config.names import EventStream

_DOCS = "https://docs.snowflake.com/en"
# "does not exist or not authorized", "insufficient privileges": the user's role, not the stage.
_NOT_MINE = {2003, 2043, 3001}


def named(patient: Patient, name: str) -> ObjectName:
    """An object of the environment's schema."""
    snowflake = patient.config.snowflake
    return ObjectName.of(snowflake.database, snowflake.schema_name, name)


def shown(patient: Patient, show: str, name: str) -> Row:
    """The row of an object of the schema.

    Raises:
        LookupError: your role does not see it.
    """
    schema = named(patient, name).parent.sql()
    for row in patient.rows(f"{show} IN SCHEMA {schema}"):
        if row["name"] == name:
            return row
    raise LookupError(f"{name} is not in {schema}, or hidden from your role")


def _stage(patient: Patient, stream: EventStream) -> Finding:
    from snowflake.connector import Error

    today = datetime.now(UTC).strftime(DAY_FOLDER)
    try:
        files = patient.rows(f"LIST @{named(patient, stream.stage).sql()}/{today}")
    except Error as error:
        if error.errno in _NOT_MINE:
            raise
        return ill(f"stage {stream.stage}: {error.msg}")
    return well(f"{len(files)} files of today")


def _bound(patient: Patient, stream: EventStream) -> Finding:
    row = next(
        row
        for row in patient.rows(ShowStage(named(patient, stream.stage)).sql())
        if row["name"] == stream.stage
    )
    wanted = patient.config.snowflake.storage_integration
    wanted = wanted if patient.config.access.mode == "storage_integration" else ""
    found = str(row["storage_integration"] or "")
    told = f"stage {stream.stage} reads {f'with integration {found}' if found else 'with a key'}"
    return (well if found == wanted else ill)(told)


def _owners(patient: Patient, stream: EventStream) -> Finding:
    role = patient.config.snowflake.role
    shows = {"TABLES": stream.table, "PIPES": stream.pipe, "STAGES": stream.stage}
    if stream.rows.deduplicate != "none":
        shows["VIEWS"] = stream.view
    if stream.keeps:
        shows["DYNAMIC TABLES"] = stream.dynamic_table
    others = [
        f"{name} belongs to {owner}"
        for kind, name in shows.items()
        if (owner := shown(patient, f"SHOW {kind} LIKE {literal(name)}", name)["owner"]) != role
    ]
    return ill(", ".join(others)) if others else well(f"all belong to {role}")


def _monitor(patient: Patient, stream: EventStream) -> Finding:
    if not patient.config.monitor.enabled:
        return skipped("the monitor is off")
    role, lost = patient.config.snowflake.monitor_role, []
    for privilege, show, name in (
        ("MONITOR", ShowPipeGrants(named(patient, stream.pipe)).sql(), stream.pipe),
        ("SELECT", f"SHOW GRANTS ON TABLE {named(patient, stream.table).sql()}", stream.table),
    ):
        if not any(
            row["grantee_name"] == role and row["privilege"] in (privilege, "OWNERSHIP")
            for row in patient.rows(show)
        ):
            lost.append(f"{role} lacks {privilege} on {name}")
    return ill(", ".join(lost)) if lost else well(f"{role} sees pipe and table")


def _columns(patient: Patient, stream: EventStream) -> Finding:
    rows = patient.rows(ShowColumns(named(patient, stream.table)).sql())
    evolved = [column.name for column in evolved_columns(rows)]
    if evolved:
        return ill(f"table {stream.table}: loads have added {', '.join(evolved)}")
    return well(f"{len(rows)} columns, none added by a load")


CHECKS = (
    Check(
        name="stage",
        title="Snowflake can read the lake",
        looks_at="`LIST @<stage>/<today>`",
        otherwise="access key: is it active, and the user in its group? Integration: does the role trust Snowflake's "
        "user? Compare with Snowflake's page",
        source=f"{_DOCS}/user-guide/data-load-s3-config",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_stage),
        needs=("snowflake-login", "lake-reader", "storage-integration"),
    ),
    Check(
        name="stage-access",
        title="The stage reads by `access.mode`",
        looks_at="`SHOW STAGES`, column `storage_integration`",
        otherwise="deploy again; report it if the column is missing",
        source=f"{_DOCS}/sql-reference/sql/show-stages",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_bound),
        needs=("snowflake-login",),
    ),
    Check(
        name="owners",
        title="The deployment's role owns table, pipe, stage and view",
        looks_at="`SHOW TABLES`, `PIPES`, `STAGES`, `VIEWS`, column `owner`; an owner needs no `EVOLVE SCHEMA`",
        otherwise="`GRANT OWNERSHIP ON … TO ROLE … COPY CURRENT GRANTS`; a pipe must be paused for that",
        source=f"{_DOCS}/sql-reference/sql/grant-ownership",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_owners),
        needs=("snowflake-login",),
    ),
    Check(
        name="monitor-grants",
        title="The monitor sees pipe and table",
        looks_at="`SHOW GRANTS ON PIPE` and `ON TABLE`",
        otherwise="run the bootstrap SQL again; for a pipe older than the monitor, with the `GRANT MONITOR ON PIPE` "
        "that it prints as a comment",
        source=f"{_DOCS}/user-guide/security-access-control-privileges#pipe-privileges",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_monitor),
        needs=("snowflake-login",),
    ),
    Check(
        name="evolved-columns",
        title="No load has added a column",
        looks_at="`SHOW COLUMNS`, column `schema_evolution_record`",
        otherwise="list the field in the contract, or stop the producer: its first value has decided the type "
        "([event.md](event.md))",
        source=f"{_DOCS}/user-guide/data-load-schema-evolution",
        when=When.AFTER,
        stack="Landing",
        look=lambda patient: patient.each_kind(_columns),
        needs=("snowflake-login",),
    ),
)
