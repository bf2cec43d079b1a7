"""`clickstream rotate-login`: a new key for a service user, without downtime."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import DEFAULT_ENV, AsJson, Connection, Env, Role
from cli.output import CommandError, print_json, tell
from cli.service_logins import Purpose


def rotate_login(
    env: Env = DEFAULT_ENV,
    connection: Connection = None,
    role: Role = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Use the other key slot even if it holds an unknown key.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done.")] = False,
    as_json: AsJson = False,
    login: Annotated[
        Purpose, typer.Option("--login", help="The user whose key to rotate: deployment or monitor.")
    ] = Purpose.DEPLOY,
) -> None:
    """Give a service user a new key.

    For environments that log in with key pairs. The new public key goes into the free one of the user's two slots and
    is tried; then the private key goes into the environment's secret; then the old slot is cleared. Whatever fails, a
    login keeps working, and the message says which.
    Acts as the laptop's administrator, or in your own connection, whose role must own the user.

    \b
    clickstream rotate-login --env local --dry-run
    clickstream rotate-login --env local --login monitor
    clickstream rotate-login --env prod --connection my_account --role USERADMIN
    """
    from cli.deployment import Deployment, load_env
    from cli.login_rotation import LoginRotation
    from cli.service_logins import service_user

    config = load_env(env)
    if config.snowflake.login != "key_pair":
        raise CommandError(
            f"environment {env!r} logs in by workload identity (login in config/{env}.toml): each login uses a new "
            "signature of AWS for the Lambda's role, so there is no key to rotate",
            exit_code=2,
        )
    if login is Purpose.MONITOR and not config.monitor.enabled:
        raise CommandError(f"environment {env!r} has no monitor (monitor.enabled = false)", exit_code=2)
    service = service_user(config, login)
    deployment = Deployment.of(env, connection=connection)
    with deployment.snowflake(role) as admin:
        rotation = LoginRotation(
            admin=admin,
            user=service.user,
            secrets=deployment.client("secretsmanager"),
            secret_id=service.secret_name,
            log_in=lambda private_key: deployment.log_in_with_key(
                service.user, service.role, private_key
            ).close(),
        )
        slots = rotation.look(overwrite=overwrite)
        if dry_run:
            rotation.rehearse(slots)
        version = None if dry_run else rotation.carry_out(slots)
    if as_json:
        print_json(
            {
                "environment": env,
                "user": service.user,
                "slot": slots.free,
                "cleared": slots.used,
                "secret_version": version,
                "dry_run": dry_run,
            }
        )
    elif not dry_run:
        tell(f"user {service.user} logs in with the key in {slots.free} from now on")
