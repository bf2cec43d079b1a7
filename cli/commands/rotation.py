"""`clickstream rotate-login` and `rotate-access-key`: replace keys with no moment in which none works."""

from __future__ import annotations

from typing import Annotated, Any

import snowflake.connector
import typer
from snowflake.connector import SnowflakeConnection

from cli.aws_client import client_for
from cli.environments import load_env
from cli.laptop import running_cloud
from cli.options import AsJson, Connection, Env
from cli.output import CommandError, print_json, results
from cli.rotation.access_key import AccessKeyRotation
from cli.rotation.login import LoginRotation
from cli.service_logins import Purpose, ServiceUser, service_user
from cli.snowflake_login import connect_account, connect_laptop
from config.model import PipelineConfig
from laptop.cloud.cloud import LaptopCloud
from snowflake_setup.sql.identifiers import Identifier

YOUR_TURN = 3

Role = Annotated[
    str | None, typer.Option("--role", help="Snowflake role to act in; by default the connection's own.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Look, and say what would be done.")]


def rotate_login(
    env: Env = "local",
    connection: Connection = None,
    role: Role = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Take the other key slot even if it holds an unknown key.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    login: Annotated[
        Purpose, typer.Option("--login", help="Whose key: that of the user who deploys, or who watches.")
    ] = Purpose.DEPLOY,
) -> None:
    """Give a service user of a key-pair environment a new key.

    The new public key goes into the free one of the user's two slots and is tried; then the private key goes into the
    environment's secret; then the old slot is cleared. Whatever fails, a login keeps working, and the message says which.
    Acts as the laptop's administrator, or in your own connection, whose role must own the user.

    \b
    clickstream rotate-login --env local --dry-run
    clickstream rotate-login --env local --login monitor
    clickstream rotate-login --env prod --connection my_account --role USERADMIN
    """
    config = load_env(env)
    if config.snowflake.login != "key_pair":
        raise CommandError(
            f"environment {env!r} logs in by workload identity (login in config/{env}.toml): AWS signs for the Lambda's "
            "role anew at each login, so there is no key to rotate",
            exit_code=2,
        )
    if login is Purpose.MONITOR and not config.monitor.enabled:
        raise CommandError(f"environment {env!r} has no monitor (monitor.enabled = false)", exit_code=2)
    service = service_user(config, login)
    cloud = running_cloud(env) if config.laptop else None
    with _session(config, cloud, connection, role) as admin:
        rotation = LoginRotation(
            admin=admin,
            user=service.user,
            secrets=client_for(config, cloud, "secretsmanager"),
            secret_id=service.secret_name,
            log_in=lambda private_key: _log_in(config, service, cloud, private_key),
        )
        slots = rotation.look(overwrite=overwrite)
        if dry_run:
            rotation.rehearse(slots)
        version = None if dry_run else rotation.carry_out(slots)
    told = {
        "environment": env,
        "user": service.user,
        "slot": slots.free,
        "cleared": slots.used,
        "secret_version": version,
    }
    if as_json:
        print_json({**told, "dry_run": dry_run})
    elif not dry_run:
        results.print(f"user {service.user} logs in with the key in {slots.free} from now on")


def rotate_access_key(
    env: Env = "local",
    connection: Connection = None,
    role: Role = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Replace the access key with which Snowflake reads the lake.

    CloudFormation makes the new key: raise access_key_serial and deploy, and the environment has it, while the old key goes
    on working. Then this command gives the environment the current key once more, lists the lake with it, switches the old
    key off, lists again and deletes it. If the second listing fails, the old key is switched on again.

    Ends with 0 if exactly the current key is left, with 3 if it is your turn to raise the serial and deploy.

    \b
    clickstream rotate-access-key --env dev
    clickstream rotate-access-key --env dev --dry-run
    clickstream rotate-access-key --env prod --connection my_account --role SYSADMIN
    """
    config = load_env(env)
    cloud = running_cloud(env) if config.laptop else None
    with _session(config, cloud, connection, role) as session:
        rotation = AccessKeyRotation(
            session=session,
            config=config,
            iam=client_for(config, cloud, "iam"),
            secrets=client_for(config, cloud, "secretsmanager"),
            cloudformation=client_for(config, cloud, "cloudformation"),
        )
        keys = rotation.look()
        retired = [] if dry_run or keys.your_turn else rotation.retire(keys)
        if dry_run:
            rotation.rehearse(keys)
    if as_json:
        print_json(
            {
                "environment": env,
                "user": config.names.snowpipe_user,
                "serial": keys.serial,
                "retired": len(retired),
                "your_turn": keys.your_turn,
                "dry_run": dry_run,
            }
        )
    elif keys.your_turn:
        results.print(keys.your_turn, markup=False)
    elif not dry_run:
        results.print(
            f"user {config.names.snowpipe_user} has one access key, and the environment reads with it"
        )
    if keys.your_turn:
        raise typer.Exit(YOUR_TURN)


def _session(
    config: PipelineConfig, cloud: LaptopCloud | None, connection: str | None, role: str | None
) -> SnowflakeConnection:
    session = connect_laptop(cloud) if cloud else connect_account(config, connection)
    if role:
        try:
            with session.cursor() as cursor:
                cursor.execute(f"USE ROLE {Identifier(role).sql()}")
        except (snowflake.connector.Error, ValueError) as error:
            session.close()
            raise CommandError(f"cannot act in role {role}: {error}", exit_code=2) from None
    return session


def _log_in(
    config: PipelineConfig, service: ServiceUser, cloud: LaptopCloud | None, private_key: str
) -> None:
    """Log in as the Lambda does, and out again."""
    names = config.snowflake
    where: dict[str, Any] = {"host": names.host} if names.host else {}
    if cloud:
        host, port = cloud.snowflake_address
        where = {"host": host, "port": port, "protocol": "http"}
    snowflake.connector.connect(
        account=names.account,
        user=service.user,
        role=service.role,
        authenticator="SNOWFLAKE_JWT",
        private_key=private_key,
        login_timeout=20,
        query_timeout=60,
        request_timeout=60,
        client_session_keep_alive=False,
        enable_server_session_keep_alive_auto_detection=False,
        **where,
    ).close()
