"""DESC: an object's properties, never its secrets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from laptop.snowflake import errors
from laptop.snowflake.commands.show import listed
from laptop.snowflake.engine import Engine
from laptop.snowflake.login import fingerprint
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import (
    ENTITIES,
    IAM_USER_ARN,
    AuthenticationPolicy,
    Column,
    DynamicTable,
    FileFormat,
    Integration,
    JsonFormat,
    NetworkPolicy,
    Pipe,
    Stage,
    StorageLifecyclePolicy,
    Table,
    User,
    View,
)
from laptop.snowflake.results import Result, listing
from laptop.snowflake.session import Session
from laptop.snowflake.sql.show_statements import Describe, ShowColumns, ShowKeys

_PROPERTY_COLUMNS = ("property", "property_type", "property_value", "property_default")
_TABLE_COLUMNS = (
    "name",
    "type",
    "kind",
    "null?",
    "default",
    "primary key",
    "unique key",
    "check",
    "expression",
    "comment",
    "policy name",
    "privacy domain",
)
_SHOWN_COLUMNS = (
    "table_name",
    "schema_name",
    "column_name",
    "null?",
    "comment",
    "database_name",
    "schema_evolution_record",
)
Property = tuple[str, str, str | None, str | None]


def describe(engine: Engine, session: Session, statement: Describe) -> Result:
    """Describe an object that the role sees."""
    name = session.resolve(statement.name, statement.kind, "DESC")
    kind = statement.kind
    if kind is Kind.TABLE and engine.catalog.find(View, name) is not None:
        kind = Kind.VIEW  # DESC TABLE takes a view too.
    entity = engine.access.visible(session.role, ENTITIES[kind], name)
    match entity:
        case Table() if entity.enable_schema_evolution:
            records = [column.schema_evolution_record for column in entity.columns]
            rows = [(*row, record) for row, record in zip(_columns(entity.columns), records, strict=True)]
            return listing((*_TABLE_COLUMNS, "schema evolution record"), rows)
        case Table() | View() | DynamicTable():
            return listing(_TABLE_COLUMNS, _columns(entity.columns))
        case Pipe():
            return listed(engine, Kind.PIPE, [entity])
        case FileFormat():
            return listing(_PROPERTY_COLUMNS, _format(entity.format))
        case Stage():
            return listing(("parent_property", *_PROPERTY_COLUMNS), _stage(entity))
        case Integration():
            return listing(_PROPERTY_COLUMNS, _integration(entity))
        case NetworkPolicy():
            lists = {"ALLOWED_IP_LIST": entity.allowed_ip_list, "BLOCKED_IP_LIST": entity.blocked_ip_list}
            return listing(("name", "value"), [(name, ",".join(ips)) for name, ips in lists.items() if ips])
        case AuthenticationPolicy():
            return listing(("property", "value", "default", "description"), _ways_to_log_in(entity))
        case StorageLifecyclePolicy():
            return _policy(entity)
        case User():
            return _user(engine, session, entity)
        case _:
            raise errors.unsupported(f"DESC {statement.kind}")


def show_columns(engine: Engine, session: Session, statement: ShowColumns) -> Result:
    """List a table's columns; the type, which Snowflake shows as JSON, is left out.

    Unlike DESC, it shows the record of schema evolution also while that is off.
    https://docs.snowflake.com/en/release-notes/bcr-bundles/2023_08/bcr-1377
    """
    name = session.resolve(statement.name, Kind.TABLE, "SHOW COLUMNS")
    table = engine.access.visible(session.role, Table, name)
    database, schema, last = table.name.parts
    rows = [
        (
            last,
            schema,
            column.name,
            str(column.nullable).lower(),
            column.comment,
            database,
            column.schema_evolution_record,
        )
        for column in table.columns
    ]
    return listing(_SHOWN_COLUMNS, rows)


def show_keys(engine: Engine, session: Session, statement: ShowKeys) -> Result:
    """List the keys of a table or schema: none, since CREATE TABLE takes no constraints here."""
    name = session.resolve(statement.name, statement.kind, "SHOW KEYS")
    engine.access.visible(session.role, ENTITIES[statement.kind], name)
    return listing(("database_name", "schema_name", "table_name", "column_name", "constraint_name"), [])


def _columns(columns: tuple[Column, ...]) -> Iterable[tuple[Any, ...]]:
    for column in columns:
        null = "Y" if column.nullable else "N"
        yield (
            column.name,
            str(column.type),
            "COLUMN",
            null,
            None,
            "N",
            "N",
            None,
            None,
            column.comment,
            None,
            None,
        )


def _format(format_: JsonFormat) -> list[Property]:
    return [
        ("TYPE", "String", "JSON", "CSV"),
        ("FILE_EXTENSION", "String", "", ""),
        ("DATE_FORMAT", "String", "AUTO", "AUTO"),
        ("TIME_FORMAT", "String", "AUTO", "AUTO"),
        ("TIMESTAMP_FORMAT", "String", "AUTO", "AUTO"),
        ("BINARY_FORMAT", "String", "HEX", "HEX"),
        ("TRIM_SPACE", "Boolean", "false", "false"),
        ("MULTI_LINE", "Boolean", _flag(format_.multi_line), "true"),
        ("NULL_IF", "List", "[]", "[\\\\N]"),
        ("COMPRESSION", "String", format_.compression, "AUTO"),
        ("ENABLE_OCTAL", "Boolean", "false", "false"),
        ("ALLOW_DUPLICATE", "Boolean", "false", "false"),
        ("STRIP_OUTER_ARRAY", "Boolean", _flag(format_.strip_outer_array), "false"),
        ("STRIP_NULL_VALUES", "Boolean", "false", "false"),
        ("IGNORE_UTF8_ERRORS", "Boolean", "false", "false"),
        ("REPLACE_INVALID_CHARACTERS", "Boolean", "false", "false"),
        ("SKIP_BYTE_ORDER_MARK", "Boolean", "true", "true"),
    ]


def _stage(stage: Stage) -> list[tuple[str, *Property]]:
    """The rows of published outputs: the location is a JSON list, and none of them names the integration.

    https://docs.snowflake.com/en/sql-reference/sql/desc-stage
    """
    key = stage.credentials.key_id if stage.credentials else ""
    return [
        ("STAGE_LOCATION", "URL", "String", f'["{stage.url}"]', ""),
        ("STAGE_CREDENTIALS", "AWS_KEY_ID", "String", _masked(key), ""),
        ("DIRECTORY", "ENABLE", "Boolean", "false", "false"),
    ]


def _masked(key: str) -> str:
    return "*" * len(key)


def _integration(integration: Integration) -> list[Property]:
    return [
        ("ENABLED", "Boolean", _flag(integration.enabled), "false"),
        ("STORAGE_PROVIDER", "String", "S3", ""),
        ("STORAGE_ALLOWED_LOCATIONS", "List", ",".join(integration.allowed_locations), "[]"),
        ("STORAGE_BLOCKED_LOCATIONS", "List", "", "[]"),
        ("STORAGE_AWS_IAM_USER_ARN", "String", IAM_USER_ARN, ""),
        ("STORAGE_AWS_ROLE_ARN", "String", integration.aws_role_arn, ""),
        ("STORAGE_AWS_EXTERNAL_ID", "String", integration.aws_external_id, ""),
        ("COMMENT", "String", integration.comment, ""),
    ]


def _ways_to_log_in(policy: AuthenticationPolicy) -> list[Property]:
    return [
        ("AUTHENTICATION_METHODS", f"[{', '.join(policy.authentication_methods)}]", "[ALL]", ""),
        ("CLIENT_TYPES", f"[{', '.join(policy.client_types)}]", "[ALL]", ""),
    ]


def _policy(policy: StorageLifecyclePolicy) -> Result:
    signature = f"({', '.join(policy.arguments)})"
    names = ("name", "signature", "return_type", "body", "archive_for_days", "archive_tier")
    return listing(names, [(policy.name.last, signature, "BOOLEAN", policy.body, None, None)])


def _user(engine: Engine, session: Session, user: User) -> Result:
    own = user.name == Name((session.user,))
    if not own and not engine.access.owns(session.role, user):
        raise errors.insufficient_privileges(Kind.USER, user.name.last)
    rows = [
        ("NAME", user.name.last, None, "Name"),
        ("COMMENT", user.comment, None, "user comment associated to an object in the dictionary"),
        ("TYPE", user.type, "null", "Type of user"),
        ("LOGIN_NAME", user.login_name, None, "Login name of the user"),
        ("DISABLED", _flag(user.disabled), "false", "Whether the user is disabled"),
        ("DEFAULT_WAREHOUSE", user.default_warehouse, None, "Default warehouse for this user"),
        (
            "DEFAULT_ROLE",
            user.default_role,
            None,
            "Primary principal of user session will be set to this role",
        ),
        ("RSA_PUBLIC_KEY_FP", _key(user.rsa_public_key), None, "Fingerprint of user's RSA public key."),
        (
            "RSA_PUBLIC_KEY_2_FP",
            _key(user.rsa_public_key_2),
            None,
            "Fingerprint of user's second RSA public key.",
        ),
        ("HAS_WORKLOAD_IDENTITY", _flag(user.workload_identity is not None), "false", "Whether it has one"),
    ]
    return listing(("property", "value", "default", "description"), rows)


def _key(body: str | None) -> str | None:
    return fingerprint(body) if body else None


def _flag(value: bool) -> str:
    return str(value).lower()
