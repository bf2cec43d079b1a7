"""The allowed properties of each kind of object; any other is refused, so that no typo passes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from laptop.snowflake import errors
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Credentials, JsonFormat, now
from laptop.snowflake.sql.reader import Reader, Value

Fields = dict[str, Any]


@dataclass(frozen=True)
class Property:
    """The field for a property's value, and its check; `read` raises ValueError for an invalid value."""

    field: str
    read: Callable[[Value], Any]
    unset: Any = None


def text(value: Value) -> str:
    """A string, or a bare word in place of one."""
    if isinstance(value, str):
        return value
    if isinstance(value, Name) and len(value.parts) == 1:
        return value.last
    raise ValueError(value)


def flag(value: Value) -> bool:
    """TRUE or FALSE."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.upper() in ("TRUE", "FALSE"):
        return value.upper() == "TRUE"
    raise ValueError(value)


def number(value: Value) -> int:
    """A whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError(value)


def choice(*allowed: str) -> Callable[[Value], str]:
    """One of a few words."""

    def read(value: Value) -> str:
        word = text(value).upper()
        if word not in allowed:
            raise ValueError(value)
        return word

    return read


def identifier(value: Value) -> str:
    """The name of a role, warehouse or the like."""
    return str(value) if isinstance(value, Name) and len(value.parts) > 1 else text(value)


def texts(value: Value) -> tuple[str, ...]:
    """A list of strings in parentheses."""
    if not isinstance(value, tuple):
        raise ValueError(value)
    return tuple(text(item) for item in value)


def only(property_name: str, *supported: Value) -> Callable[[Value], str]:
    """A property that the stand-in accepts only with its default value."""
    known = {str(item).upper() for item in supported}

    def read(value: Value) -> str:
        if str(value).upper() not in known:
            raise errors.unsupported(f"{property_name} = {value}")
        return str(value).upper()

    return read


def public_key(value: Value) -> str:
    """The base64 body of an RSA public key, with line breaks and PEM header removed."""
    lines = [line.strip() for line in text(value).splitlines() if "PUBLIC KEY" not in line]
    return "".join(lines)


def _credentials(value: Value) -> Credentials:
    allowed = {"AWS_KEY_ID": "key_id", "AWS_SECRET_KEY": "secret_key", "AWS_TOKEN": "token"}
    if not isinstance(value, dict) or not {"AWS_KEY_ID", "AWS_SECRET_KEY"} <= set(value) <= set(allowed):
        # The value must not appear in a message: it may contain part of a secret.
        raise ValueError("AWS_KEY_ID and AWS_SECRET_KEY are needed, AWS_TOKEN is allowed")
    return Credentials(**{allowed[key]: text(item) for key, item in value.items()})


def _workload_identity(value: Value) -> str:
    if not isinstance(value, dict) or set(value) != {"TYPE", "ARN"} or text(value["TYPE"]) != "AWS":
        raise errors.unsupported("WORKLOAD_IDENTITY other than (TYPE = AWS ARN = '…')")
    return text(value["ARN"])


def _warehouse_size(value: Value) -> str:
    size = text(value).upper().replace("-", "")
    if size not in ("XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE"):
        raise ValueError(value)
    return size


def _lag(value: Value) -> dt.timedelta:
    """A number of seconds, minutes, hours or days, at least a minute.

    https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table
    """
    if not (match := re.fullmatch(r"\s*(\d+) (second|minute|hour|day)s?\s*", text(value), re.IGNORECASE)):
        raise ValueError(value)
    lag = dt.timedelta(**{f"{match[2].lower()}s": int(match[1])})
    if lag < dt.timedelta(minutes=1):
        raise ValueError(value)
    return lag


def _location(value: Value) -> str:
    url = text(value)
    if not url.startswith("s3://") or len(url) <= len("s3://"):
        raise errors.unsupported(f"stage location {url!r}, only 's3://bucket/path/' is known")
    return url


def json_format(fields: Fields) -> JsonFormat:
    """The JSON format that the fields describe."""
    if fields.get("type") != "JSON":
        raise errors.unsupported("file formats other than TYPE = JSON")
    return JsonFormat(**{name: value for name, value in fields.items() if name in JsonFormat.model_fields})


_COMMENT = {"COMMENT": Property("comment", text, unset="")}
_RETENTION = {"DATA_RETENTION_TIME_IN_DAYS": Property("retention_days", number, unset=1)}
_AT_DEFAULT: dict[str, Value] = {
    "DATE_FORMAT": "AUTO",
    "TIME_FORMAT": "AUTO",
    "TIMESTAMP_FORMAT": "AUTO",
    "BINARY_FORMAT": "HEX",
    "TRIM_SPACE": False,
    "NULL_IF": (),
    "ENABLE_OCTAL": False,
    "IGNORE_UTF8_ERRORS": False,
    "REPLACE_INVALID_CHARACTERS": False,
    "SKIP_BYTE_ORDER_MARK": True,
    "STRIP_NULL_VALUES": False,
    "ALLOW_DUPLICATE": False,
}

PROPERTIES: Mapping[Kind, Mapping[str, Property]] = {
    Kind.DATABASE: {**_COMMENT, **_RETENTION},
    Kind.SCHEMA: {**_COMMENT, **_RETENTION},
    Kind.ROLE: _COMMENT,
    Kind.USER: {
        **_COMMENT,
        "TYPE": Property("type", only("TYPE", "PERSON", "SERVICE"), unset="PERSON"),
        "LOGIN_NAME": Property("login_name", lambda value: text(value).upper()),
        "DEFAULT_ROLE": Property("default_role", identifier),
        "DEFAULT_WAREHOUSE": Property("default_warehouse", identifier),
        "DEFAULT_SECONDARY_ROLES": Property("-", only("DEFAULT_SECONDARY_ROLES", ())),
        "DISABLED": Property("disabled", flag, unset=False),
        "RSA_PUBLIC_KEY": Property("rsa_public_key", public_key),
        "RSA_PUBLIC_KEY_2": Property("rsa_public_key_2", public_key),
        "NETWORK_POLICY": Property("network_policy", identifier),
        "WORKLOAD_IDENTITY": Property("workload_identity", _workload_identity),
    },
    Kind.WAREHOUSE: {
        **_COMMENT,
        "WAREHOUSE_SIZE": Property("size", _warehouse_size, unset="XSMALL"),
        "WAREHOUSE_TYPE": Property("-", only("WAREHOUSE_TYPE", "STANDARD")),
        "AUTO_SUSPEND": Property("auto_suspend", number, unset=600),
        "AUTO_RESUME": Property("-", only("AUTO_RESUME", True)),
        "INITIALLY_SUSPENDED": Property("-", flag),
    },
    Kind.INTEGRATION: {
        **_COMMENT,
        "TYPE": Property("-", only("TYPE", "EXTERNAL_STAGE")),
        "STORAGE_PROVIDER": Property("-", only("STORAGE_PROVIDER", "S3")),
        "ENABLED": Property("enabled", flag),
        "STORAGE_AWS_ROLE_ARN": Property("aws_role_arn", text),
        "STORAGE_AWS_EXTERNAL_ID": Property("aws_external_id", text),
        "STORAGE_ALLOWED_LOCATIONS": Property("allowed_locations", texts),
    },
    Kind.FILE_FORMAT: {
        **_COMMENT,
        **{name: Property("-", only(name, default)) for name, default in _AT_DEFAULT.items()},
        "TYPE": Property("type", choice("JSON", "CSV", "AVRO", "ORC", "PARQUET", "XML")),
        "COMPRESSION": Property("compression", only("COMPRESSION", "AUTO", "GZIP", "NONE"), unset="AUTO"),
        "STRIP_OUTER_ARRAY": Property("strip_outer_array", flag, unset=False),
        "MULTI_LINE": Property("multi_line", flag, unset=True),
    },
    Kind.STAGE: {
        **_COMMENT,
        "URL": Property("url", _location),
        "CREDENTIALS": Property("credentials", _credentials),
        "STORAGE_INTEGRATION": Property("integration", identifier),
    },
    Kind.TABLE: {
        **_COMMENT,
        **_RETENTION,
        "ENABLE_SCHEMA_EVOLUTION": Property("enable_schema_evolution", flag, unset=False),
        "ERROR_LOGGING": Property("error_logging_since", lambda value: now() if flag(value) else None),
        "CHANGE_TRACKING": Property("-", only("CHANGE_TRACKING", False)),
    },
    Kind.VIEW: _COMMENT,
    Kind.DYNAMIC_TABLE: {
        **_COMMENT,
        "TARGET_LAG": Property("target_lag", _lag),
        "WAREHOUSE": Property("warehouse", identifier),
        "REFRESH_MODE": Property("-", only("REFRESH_MODE", "INCREMENTAL")),
        "INITIALIZE": Property("-", only("INITIALIZE", "ON_CREATE")),
    },
    Kind.NETWORK_POLICY: {
        **_COMMENT,
        "ALLOWED_IP_LIST": Property("allowed_ip_list", texts, unset=()),
        "BLOCKED_IP_LIST": Property("blocked_ip_list", texts, unset=()),
    },
    Kind.AUTHENTICATION_POLICY: {
        **_COMMENT,
        "AUTHENTICATION_METHODS": Property("authentication_methods", texts, unset=("ALL",)),
        "CLIENT_TYPES": Property("client_types", texts, unset=("ALL",)),
    },
    Kind.STORAGE_LIFECYCLE_POLICY: _COMMENT,
    Kind.PIPE: {
        **_COMMENT,
        "AUTO_INGEST": Property("auto_ingest", flag),
        "PIPE_EXECUTION_PAUSED": Property("execution_paused", flag, unset=False),
    },
}


def read_fields(reader: Reader, kind: Kind, *, stop: str | tuple[str, ...] = ()) -> Fields:
    """Read `PROPERTY = value …` up to the end of the statement or a word of `stop`."""
    given: dict[str, Value] = {}
    stops = (stop,) if isinstance(stop, str) else stop
    while not reader.at_end() and not any(reader.sees(word) for word in stops):
        reader.accept(",")
        name = reader.identifier()
        reader.expect("=")
        if name in given:
            raise errors.compilation_error(f"duplicate property '{name}'", errno=1420, sqlstate="22023")
        given[name] = reader.value()
    return to_fields(kind, given)


def to_fields(kind: Kind, given: Mapping[str, Value]) -> Fields:
    """Check the properties of an object of this kind and convert them to fields."""
    fields: Fields = {}
    for name, value in given.items():
        known = lookup(kind, name)
        try:
            fields[known.field] = known.read(value)
        except ValueError as error:
            shown = error if name == "CREDENTIALS" else value
            raise errors.invalid_value(shown, name) from None
    fields.pop("-", None)
    return fields


def lookup(kind: Kind, name: str) -> Property:
    """The property of that name.

    Raises:
        SnowflakeError: The stand-in has no such property; it may be a typo.
    """
    known = PROPERTIES[kind].get(name)
    if known is None:
        raise errors.unsupported(f"property {name} of a {kind.lower()}")
    return known
