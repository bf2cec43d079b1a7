"""The `[access]` and `[snowflake]` sections: how Snowflake reads the lake, and its objects and logins."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from config.sections.aws_limits import SecretName
from config.sections.snowflake_account import account_identifier
from config.sections.values import SNOWFLAKE_NAME, OptionalSnowflakeName, Section, SnowflakeName


def derived_names(prefix: str) -> dict[str, str]:
    """The names that are derived from an environment's prefix, such as CLICKSTREAM_PROD, unless they are given."""
    return {
        "database": prefix,
        "role": f"{prefix}_DEPLOY",
        "user": f"{prefix}_DEPLOY",
        "monitor_role": f"{prefix}_MONITOR",
        "monitor_user": f"{prefix}_MONITOR",
        "warehouse": prefix,
        "storage_integration": f"{prefix}_LAKE",
    }


def _on_error(value: str) -> str:
    """Refuse the two forms that error tables do not support.

    https://docs.snowflake.com/en/user-guide/data-load-error-tables-pipes
    """
    if re.fullmatch(r"SKIP_FILE_[0-9]+%?", value):
        raise ValueError(
            "Snowflake's error table, which keeps what was refused, does not support a number or percentage of errors. "
            "Use CONTINUE, or SKIP_FILE, which skips a file with any bad row"
        )
    if value not in ("CONTINUE", "SKIP_FILE"):
        raise ValueError("must be CONTINUE or SKIP_FILE")
    return value


def _given(what: str, otherwise: str) -> str:
    return f"{what}: {SNOWFLAKE_NAME}; empty: {otherwise}"


class AccessConfig(Section):
    """The reader of the lake on Snowpipe's behalf."""

    mode: Literal["iam_user", "storage_integration"] = Field(
        default="iam_user", description="a user with an access key, or a role that Snowflake assumes"
    )
    keep_user: bool = Field(
        default=False,
        description="storage_integration only: keep the user for the deploy that switches the mode: docs/changes.md",
    )
    role_name: str = Field(
        default="",
        pattern=r"^([a-zA-Z0-9+=,.@_-]{1,64})?$",
        description="IAM role of a storage integration: up to 64 letters, digits, + = , . @ _ -; "
        "empty: <name>-<env>-snowpipe-reader",
    )
    external_id: str = Field(
        default="",
        pattern=r"^([a-zA-Z0-9+=,.@:/_-]{2,256})?$",
        description="2-256 letters, digits, + = , . @ : / _ -; not a secret; empty: <name>-<env>",
    )
    user_name: str = Field(
        default="",
        pattern=r"^([a-zA-Z0-9+=,.@_-]{1,64})?$",
        description="IAM user, up to 64 letters, digits, + = , . @ _ -; empty: <name>-<env>-snowpipe",
    )
    access_key_serial: int = Field(
        default=0, ge=0, description="add one to replace the user's access key at the next deploy"
    )


class SnowflakeConfig(Section):
    """Objects in Snowflake, and how the deployment and the monitor log in."""

    account: Annotated[str, AfterValidator(account_identifier)] = Field(
        description="the account identifier, such as myorg-myaccount, or the older xy12345.eu-central-1"
    )
    host: str = Field(
        default="",
        pattern=r"^([a-z0-9_-]+(\.[a-z0-9_-]+)+)?$",
        description="host name without https://, if it does not follow from the account; the functions run outside a "
        "VPC, so not one of PrivateLink",
    )
    database: OptionalSnowflakeName = Field(default="", description=_given("database", "<NAME>_<ENV>"))
    schema_name: SnowflakeName = Field(default="RAW", alias="schema", description=f"schema: {SNOWFLAKE_NAME}")
    role: OptionalSnowflakeName = Field(
        default="", description=_given("role of a deployment", "<NAME>_<ENV>_DEPLOY")
    )
    user: OptionalSnowflakeName = Field(
        default="", description=_given("service user that logs in", "<NAME>_<ENV>_DEPLOY")
    )
    monitor_role: OptionalSnowflakeName = Field(
        default="", description=_given("role of the monitor", "<NAME>_<ENV>_MONITOR")
    )
    monitor_user: OptionalSnowflakeName = Field(
        default="", description=_given("service user the monitor logs in as", "<NAME>_<ENV>_MONITOR")
    )
    reader_roles: tuple[SnowflakeName, ...] = Field(
        default=(), description="existing roles that may read the views, such as that of your analysts"
    )
    warehouse: OptionalSnowflakeName = Field(
        default="",
        description=_given(
            "reads the load history, for the monitor and when a pipe is replaced", "<NAME>_<ENV>"
        ),
    )
    login: Literal["workload_identity", "key_pair"] = Field(
        default="workload_identity", description="by the Lambda's IAM role, or by a private key"
    )
    login_secret_name: SecretName = Field(
        default="",
        description='key_pair only: the Secrets Manager secret with {"private_key": "-----BEGIN …"}',
    )
    monitor_login_secret_name: SecretName = Field(
        default="",
        description="key_pair only: the same for the monitor's user",
    )
    login_secret_key_arn: str = Field(
        default="",
        pattern=r"^(arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[a-z0-9-]+)?$",
        description="key_pair only: ARN of the customer key that encrypts these secrets; empty: AWS's own",
    )
    file_format: SnowflakeName = Field(
        default="CLICK_EVENTS_JSON", description=f"file format: {SNOWFLAKE_NAME}"
    )
    stage: SnowflakeName = Field(
        default="CLICK_EVENTS_LAKE",
        description=f"external stage: {SNOWFLAKE_NAME}; with a storage integration it gets the suffix _INTEGRATION",
    )
    table: SnowflakeName = Field(default="CLICK_EVENTS", description=f"table: {SNOWFLAKE_NAME}")
    pipe: SnowflakeName = Field(default="CLICK_EVENTS_PIPE", description=f"pipe: {SNOWFLAKE_NAME}")
    view: SnowflakeName = Field(
        default="CLICK_EVENTS_DEDUPLICATED",
        description=f"view of each event once, for analysts: {SNOWFLAKE_NAME}",
    )
    storage_integration: OptionalSnowflakeName = Field(
        default="",
        description=_given("integration of access.mode = storage_integration", "<NAME>_<ENV>_LAKE"),
    )
    on_error: Annotated[str, AfterValidator(_on_error)] = Field(
        default="CONTINUE",
        description="file with bad rows: CONTINUE loads the others; SKIP_FILE skips the file",
    )
    error_logging: bool = Field(
        default=True,
        description="Snowflake keeps refused rows in the table's error table, without end: docs/event.md; false: the "
        "error table is dropped",
    )
    schema_evolution: bool = Field(
        default=False,
        description="true: a name that is new in the lake becomes a column, for good: docs/event.md",
    )

    @model_validator(mode="after")
    def _key_pair_needs_its_secret(self) -> Self:
        if self.login == "key_pair" and not self.login_secret_name:
            raise ValueError(
                "login = 'key_pair' needs login_secret_name, the Secrets Manager secret that holds the private key"
            )
        return self
