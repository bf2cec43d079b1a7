"""The Snowflake account: reachable, in the right region, with settings that the pipeline can live with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.doctor.check import Check, Finding, When, ill, well
from cli.output import CommandError
from snowflake_setup.sql.identifiers import Identifier

if TYPE_CHECKING:
    from cli.doctor.patient import Patient

_DOCS = "https://docs.snowflake.com/en/sql-reference"


def _login(patient: Patient) -> Finding:
    try:
        (row,) = patient.rows("SELECT CURRENT_USER() AS NAME, CURRENT_ROLE() AS ROLE")
    except CommandError as error:
        return ill(str(error).splitlines()[0])
    return well(f"logged in as {row['name']}, role {row['role']}")


def _region(patient: Patient) -> Finding:
    (row,) = patient.rows("SELECT CURRENT_REGION() AS REGION")
    # An organization with several groups of regions has the group's name in front.
    found = str(row["region"]).rpartition(".")[2]
    wanted = f"AWS_{patient.region.upper().replace('-', '_')}"
    return (well if found == wanted else ill)(f"Snowflake is in {found}, the lake in {patient.region}")


def _stages_with_key(patient: Patient) -> Finding:
    rows = patient.rows("SHOW PARAMETERS LIKE 'REQUIRE_STORAGE_INTEGRATION%' IN ACCOUNT")
    forbidding = [str(row["key"]) for row in rows if str(row["value"]).lower() == "true"]
    if not forbidding:
        return well("stages may read with a key")
    told = f"{', '.join(forbidding)} = true, access.mode = {patient.config.access.mode}"
    return (well if patient.config.access.mode == "storage_integration" else ill)(told)


def _timezone(patient: Patient) -> Finding:
    (row,) = patient.rows("SHOW PARAMETERS LIKE 'TIMEZONE' IN ACCOUNT")
    zone = str(row["value"])
    if zone.upper() in ("UTC", "ETC/UTC"):
        return well(zone)
    if patient.config.gate.enabled:
        return well(f"{zone}; the event gate refuses times without an offset")
    return ill(f"times without an offset are read in {zone}, and no event gate refuses them")


def _future_grants(patient: Patient) -> Finding:
    config = patient.config
    kinds = {"TABLE", "PIPE"} if config.monitor.enabled else set[str]()
    kinds |= {"VIEW"} if config.snowflake.reader_roles else set()
    rows = patient.rows(f"SHOW FUTURE GRANTS IN DATABASE {Identifier(config.snowflake.database).sql()}")
    ignored = [
        f"{row['privilege']} on {str(row['grant_on']).lower()}s to {row['grantee_name']}"
        for row in rows
        if str(row["grant_on"]).upper() in kinds
    ]
    if ignored:
        return ill(f"ignored in the schema: {', '.join(ignored)}")
    return well("the database has none that the schema's would replace")


CHECKS = (
    Check(
        name="snowflake-login",
        title="Your own connection reaches the Snowflake account",
        looks_at="a login with `--connection`",
        otherwise="check `snowflake.account` and `snowflake.host`, and your connection in connections.toml",
        source="https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-connect",
        when=When.BEFORE,
        look=_login,
    ),
    Check(
        name="snowflake-region",
        title="The Snowflake account is in the lake's region",
        looks_at="`SELECT CURRENT_REGION()`",
        otherwise="deploy to Snowflake's region: S3 sends notifications to queues in its region only",
        source=f"{_DOCS}/functions/current_region",
        when=When.BEFORE,
        look=_region,
        needs=("snowflake-login",),
    ),
    Check(
        name="storage-integration",
        title="The account lets stages read as the config says",
        looks_at="`SHOW PARAMETERS LIKE 'REQUIRE_STORAGE_INTEGRATION%' IN ACCOUNT`",
        otherwise='`access.mode = "storage_integration"`, and the bootstrap SQL again: with `…_CREATION` the Landing '
        "stack fails (“… has been forbidden”), with `…_OPERATION` no file is loaded",
        source=f"{_DOCS}/parameters#require-storage-integration-for-stage-creation",
        when=When.BEFORE,
        look=_stages_with_key,
        needs=("snowflake-login",),
    ),
    Check(
        name="timezone",
        title="Times without an offset are read as meant",
        looks_at="`SHOW PARAMETERS LIKE 'TIMEZONE' IN ACCOUNT`, in which a pipe reads them (`America/Los_Angeles` "
        "unless set)",
        otherwise="let producers send an offset, as the contract demands; the event gate refuses times without one",
        source=f"{_DOCS}/parameters#timezone",
        when=When.BEFORE,
        look=_timezone,
        needs=("snowflake-login",),
    ),
    Check(
        name="future-grants",
        title="No role relies on future grants of the database",
        looks_at="`SHOW FUTURE GRANTS IN DATABASE …`: tables and pipes, views if `reader_roles` are set",
        otherwise="grant them again with `IN SCHEMA`: Snowflake ignores those of a database for each kind of object "
        "that its schema has future grants on, and the bootstrap SQL makes such grants for the monitor and the readers",
        source=f"{_DOCS}/sql/grant-privilege#considerations",
        when=When.BEFORE,
        look=_future_grants,
        needs=("snowflake-login", "bootstrap-objects"),
    ),
)
