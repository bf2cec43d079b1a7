"""`clickstream bootstrap-sql`: prints the administrator's SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.bootstrap_sql import KeyPairLogin, WorkloadIdentityLogin, bootstrap_sql
from cli.output import CommandError
from cli.stages import load_stage
from stacks.config import PipelineConfig


def print_bootstrap_sql(
    stage: Annotated[str, typer.Option("--stage", "-s", help="A stage of config/.")] = "dev",
    account: Annotated[
        str,
        typer.Option(help="AWS account (12 digits) of a workload-identity login; by default the config's."),
    ] = "",
    public_key: Annotated[
        Path | None, typer.Option(help="PEM file with the public key of a key-pair login.", dir_okay=False)
    ] = None,
) -> None:
    """Print the SQL that a Snowflake administrator runs once, before the first deployment.

    It makes database, schema, a role with just the rights a deployment needs, and the service user. Nothing is
    executed: review it, then run it in a worksheet.

    \b
    clickstream bootstrap-sql --stage dev --account 111122223333
    clickstream bootstrap-sql --stage prod --public-key rsa_key.pub > bootstrap.sql
    """
    config = load_stage(stage)
    print(bootstrap_sql(config, _login(config, account, public_key)))


def _login(
    config: PipelineConfig, account: str, public_key: Path | None
) -> KeyPairLogin | WorkloadIdentityLogin:
    if config.snowflake.login == "key_pair":
        if public_key is None:
            raise CommandError(
                f"stage {config.stage} logs in with a key pair: name its public key with --public-key FILE",
                exit_code=2,
            )
        try:
            return KeyPairLogin.from_pem(public_key)
        except (OSError, ValueError) as error:
            raise CommandError(str(error), exit_code=2) from None
    account = account or config.account
    if not (len(account) == 12 and account.isdigit()):
        raise CommandError(
            f"stage {config.stage} logs in by workload identity, which names an IAM role: give the AWS account's 12 "
            f"digits with --account, or set account in config/{config.stage}.toml (got {account!r})",
            exit_code=2,
        )
    return WorkloadIdentityLogin(f"arn:aws:iam::{account}:role/{config.setup_role_name}")
