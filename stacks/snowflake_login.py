"""How a function of the pipeline logs in to Snowflake, as the config says."""

from __future__ import annotations

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from clickstream import SnowflakeLogin
from config.model import PipelineConfig


def snowflake_login(
    scope: Construct, construct_id: str, config: PipelineConfig, *, user: str, role: str, secret_name: str
) -> SnowflakeLogin:
    """The login of a service user; `construct_id` is what its secret is called in `scope`, if it has one."""
    names = config.snowflake
    key_pair = names.login == "key_pair"
    return SnowflakeLogin(
        account=names.account,
        user=user,
        role=role,
        secret=(
            secretsmanager.Secret.from_secret_name_v2(scope, construct_id, secret_name) if key_pair else None
        ),
        warehouse=names.warehouse or None,
        host=names.host or None,
    )
