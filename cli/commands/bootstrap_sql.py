"""`clickstream bootstrap-sql`: the administrator's SQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_ENV, Env
from cli.output import CommandError

if TYPE_CHECKING:
    from cli.service_logins import KeyPairLogin, Login, WorkloadIdentityLogin
    from config.model import PipelineConfig


def bootstrap_sql(
    env: Env = DEFAULT_ENV,
    account: Annotated[
        str,
        typer.Option(help="AWS account (12 digits) of a workload-identity login; by default the config's."),
    ] = "",
    public_key: Annotated[
        Path | None,
        typer.Option(
            help="PEM file with the public key of a key-pair login: the deployment's.", dir_okay=False
        ),
    ] = None,
    monitor_public_key: Annotated[
        Path | None, typer.Option(help="The same for the monitor; another key.", dir_okay=False)
    ] = None,
) -> None:
    """Print the SQL of the Snowflake administrator.

    An administrator runs it once, before the first deployment. It creates database, schema, a warehouse, and two
    service users with least-privilege roles: one deploys, one monitors. Nothing is executed: review it, then run it in
    a worksheet.

    \b
    clickstream bootstrap-sql --env dev --account 111122223333
    clickstream bootstrap-sql --env prod --public-key deploy.pub --monitor-public-key monitor.pub > bootstrap.sql
    """
    from cli import bootstrap_sql as text
    from cli.deployment import load_env

    config = load_env(env)
    monitor: Login | None = None
    if config.snowflake.login == "key_pair":
        deploy: Login = _key_pair(config, public_key, "--public-key")
        if config.monitor.enabled:
            monitor = _key_pair(config, monitor_public_key, "--monitor-public-key")
    else:
        deploy = _identity(config, account, config.names.setup_role)
        monitor = _identity(config, account, config.names.monitor_role)
    print(text.bootstrap_sql(config, deploy, monitor))


def _key_pair(config: PipelineConfig, public_key: Path | None, option: str) -> KeyPairLogin:
    from cli.keys import public_key_in
    from cli.service_logins import KeyPairLogin

    if public_key is None:
        raise CommandError(
            f"environment {config.env} logs in with a key pair: name its public key with {option} FILE",
            exit_code=2,
        )
    try:
        return KeyPairLogin(public_key_in(public_key))
    except (OSError, ValueError) as error:
        raise CommandError(str(error), exit_code=2) from None


def _identity(config: PipelineConfig, account: str, role_name: str) -> WorkloadIdentityLogin:
    from cli.service_logins import WorkloadIdentityLogin

    account = account or config.account
    if not (len(account) == 12 and account.isdigit()):
        raise CommandError(
            f"environment {config.env} logs in by workload identity, which names an IAM role: give the AWS account's "
            f"12 digits with --account, or set account in config/{config.env}.toml (got {account!r})",
            exit_code=2,
        )
    return WorkloadIdentityLogin(f"arn:aws:iam::{account}:role/{role_name}")
