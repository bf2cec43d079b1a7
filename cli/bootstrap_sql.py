"""The SQL that a Snowflake administrator runs once, before the first deployment."""

from __future__ import annotations

from cli.service_logins import Login
from config.model import PipelineConfig
from snowflake_setup.sql.identifiers import Identifier, literal


def bootstrap_sql(config: PipelineConfig, login: Login, monitor_login: Login | None = None) -> str:
    """SQL for database, schema and warehouse, and for each service user with its role.

    Running it again only updates the logins, and grants the monitor access to objects created in between.

    Args:
        config: the deployment.
        login: the login of the user that deploys.
        monitor_login: the login of the monitor's user; required if the monitor is enabled.
    """
    names = config.snowflake
    return "\n".join(
        [
            f"-- Snowflake, once, before the first `cdk deploy --all -c env={config.env}`.",
            f"-- By someone who may use the roles {_administrators(config)}.",
            "",
            "USE ROLE SYSADMIN;",
            f"CREATE DATABASE IF NOT EXISTS {_name(names.database)};",
            f"CREATE SCHEMA IF NOT EXISTS {_schema(config)};",
            _create_warehouse(names.warehouse),
            "",
            "-- The role and the user of the landing Lambda.",
            *_service_user(
                names.user, names.role, login, f"Deploys the click event pipeline {config.prefix}"
            ),
            *_deploy_grants(config),
            *(_monitor(config, monitor_login) if config.monitor.enabled else []),
            *_readers(config),
            "",
        ]
    )


def _administrators(config: PipelineConfig) -> str:
    if _by_integration(config):
        return "SYSADMIN, USERADMIN, SECURITYADMIN and, for one statement, ACCOUNTADMIN"
    return "SYSADMIN, USERADMIN and SECURITYADMIN"


def _by_integration(config: PipelineConfig) -> bool:
    return config.access.mode == "storage_integration"


def _create_warehouse(warehouse: str) -> str:
    """A warehouse that costs nothing while idle, and at least a minute per query."""
    comment = literal("Reads load histories of click event pipelines")
    return (
        f"CREATE WAREHOUSE IF NOT EXISTS {_name(warehouse)} WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 30 "
        f"AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE COMMENT = {comment};"
    )


def _service_user(user: str, role: str, login: Login, comment: str) -> list[str]:
    named, said = _name(user), f"COMMENT = {literal(comment)}"
    create = f"CREATE USER IF NOT EXISTS {named} TYPE = SERVICE DEFAULT_ROLE = {_name(role)}"
    return [
        "USE ROLE USERADMIN;",
        f"CREATE ROLE IF NOT EXISTS {_name(role)} {said};",
        " ".join(filter(None, [create, login.on_create(), said])) + ";",
        f"{login.on_alter(named)};",
        "",
    ]


def _deploy_grants(config: PipelineConfig) -> list[str]:
    names, schema, role = config.snowflake, _schema(config), _name(config.snowflake.role)
    return [
        "-- All that a deployment needs; it owns what it creates.",
        "USE ROLE SECURITYADMIN;",
        *_way_in(config, role),
        _use_of_warehouse(config, role),
        "GRANT CREATE FILE FORMAT, CREATE STAGE, CREATE TABLE, CREATE PIPE, CREATE VIEW"
        f"{_of_dynamic_tables(config)}{_of_policies(config)} ON SCHEMA {schema} TO ROLE {role};",
        *(_integration_grant(role) if _by_integration(config) else []),
        f"GRANT ROLE {role} TO USER {_name(names.user)};",
        *(_error_table_grants(config) if names.error_logging else []),
        "-- So that administrators see and manage the objects, too.",
        f"GRANT ROLE {role} TO ROLE SYSADMIN;",
    ]


def _of_dynamic_tables(config: PipelineConfig) -> str:
    # https://docs.snowflake.com/en/user-guide/dynamic-tables/privileges
    kept = any(stream.keeps for stream in config.event_streams)
    return ", CREATE DYNAMIC TABLE" if kept else ""


def _of_policies(config: PipelineConfig) -> str:
    # Its owner may attach a policy to its own tables.
    # https://docs.snowflake.com/en/sql-reference/sql/create-storage-lifecycle-policy
    expiring = any(stream.expiring for stream in config.event_streams)
    return ", CREATE STORAGE LIFECYCLE POLICY" if expiring else ""


def _error_table_grants(config: PipelineConfig) -> list[str]:
    # https://docs.snowflake.com/en/user-guide/data-engineering/error-tables: no grant on all or future tables is
    # documented, and a privilege on the table alone does not show its error table.
    return [
        "-- Refused rows are in error tables, which SYSADMIN may read. A role of your own needs, once deployed:",
        *(
            f"-- GRANT SELECT ERROR TABLE ON TABLE {_schema(config)}.{_name(stream.table)} TO ROLE <role>;"
            for stream in config.event_streams
        ),
    ]


def _integration_grant(role: str) -> list[str]:
    # https://docs.snowflake.com/en/user-guide/security-access-control-privileges#global-privileges-account-level-privileges
    return [
        "-- The integration that reads the lake: only ACCOUNTADMIN may grant this.",
        "USE ROLE ACCOUNTADMIN;",
        f"GRANT CREATE STORAGE INTEGRATION ON ACCOUNT TO ROLE {role};",
        "USE ROLE SECURITYADMIN;",
    ]


def _monitor(config: PipelineConfig, login: Login | None) -> list[str]:
    if login is None:
        raise ValueError("the monitor is enabled, so its user needs a login")
    names, schema, role = config.snowflake, _schema(config), _name(config.snowflake.monitor_role)
    comment = f"Watches the click event pipeline {config.prefix}"
    return [
        "",
        "-- The role and the user of the monitor Lambda.",
        *_service_user(names.monitor_user, names.monitor_role, login, comment),
        "-- All that it needs: it sees pipes, loads and rows, those of today and those to come, and changes nothing.",
        "USE ROLE SECURITYADMIN;",
        *_way_in(config, role),
        _use_of_warehouse(config, role),
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO ROLE {role};",
        *_future_rule(config, "TABLES or PIPES"),
        f"GRANT SELECT ON FUTURE TABLES IN SCHEMA {schema} TO ROLE {role};",
        f"GRANT MONITOR ON FUTURE PIPES IN SCHEMA {schema} TO ROLE {role};",
        # https://docs.snowflake.com/en/sql-reference/sql/grant-privilege: bulk grants on pipes are not allowed.
        "-- Snowflake has no grant on all pipes there are: one that was deployed before this ran needs its own.",
        *(
            f"-- GRANT MONITOR ON PIPE {schema}.{_name(stream.pipe)} TO ROLE {role};"
            for stream in config.event_streams
        ),
        f"GRANT ROLE {role} TO USER {_name(names.monitor_user)};",
    ]


def _readers(config: PipelineConfig) -> list[str]:
    """Grants of the roles that may read the views, those of today and those to come."""
    schema = _schema(config)
    statements: list[str] = []
    for role in map(_name, config.snowflake.reader_roles):
        statements += [
            "",
            "-- Reads the views; the role exists already.",
            "USE ROLE SECURITYADMIN;",
            *_way_in(config, role),
            *_future_rule(config, "VIEWS"),
            f"GRANT SELECT ON ALL VIEWS IN SCHEMA {schema} TO ROLE {role};",
            f"GRANT SELECT ON FUTURE VIEWS IN SCHEMA {schema} TO ROLE {role};",
        ]
    return statements


def _future_rule(config: PipelineConfig, kinds: str) -> list[str]:
    """https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#considerations."""
    return [
        f"-- From now on, Snowflake ignores grants ON FUTURE {kinds} IN DATABASE in this schema: a role that",
        "-- relies on one needs it IN SCHEMA, too. To list them: "
        f"SHOW FUTURE GRANTS IN DATABASE {_name(config.snowflake.database)};",
    ]


def _way_in(config: PipelineConfig, role: str) -> list[str]:
    return [
        f"GRANT USAGE ON DATABASE {_name(config.snowflake.database)} TO ROLE {role};",
        f"GRANT USAGE ON SCHEMA {_schema(config)} TO ROLE {role};",
    ]


def _use_of_warehouse(config: PipelineConfig, role: str) -> str:
    return f"GRANT USAGE ON WAREHOUSE {_name(config.snowflake.warehouse)} TO ROLE {role};"


def _schema(config: PipelineConfig) -> str:
    return f"{_name(config.snowflake.database)}.{_name(config.snowflake.schema_name)}"


def _name(name: str) -> str:
    return Identifier(name).sql()
