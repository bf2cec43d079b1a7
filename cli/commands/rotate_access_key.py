"""`clickstream rotate-access-key`: the second half of replacing the key with which Snowflake reads the lake."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import DEFAULT_ENV, AsJson, Connection, Env, Role
from cli.output import print_json, tell

YOUR_TURN = 3


def rotate_access_key(
    env: Env = DEFAULT_ENV,
    connection: Connection = None,
    role: Role = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look, and say what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Replace the access key with which Snowflake reads the lake.

    CloudFormation makes the new key: raise access_key_serial and deploy, and the environment has it, while the old key
    goes on working. Then this command gives the environment the current key once more, lists the lake with it, switches
    the old key off, lists again and deletes it. If the second listing fails, the old key is switched on again.

    Ends with 0 if exactly the current key is left, with 3 if it is your turn to raise the serial and deploy.

    \b
    clickstream rotate-access-key --env dev
    clickstream rotate-access-key --env dev --dry-run
    clickstream rotate-access-key --env prod --connection my_account --role SYSADMIN
    """
    from cli.deployment import Deployment
    from cli.rotation.access_key import AccessKeyRotation

    deployment = Deployment.of(env, connection=connection)
    user = deployment.config.names.snowpipe_user
    with deployment.snowflake(role) as session:
        rotation = AccessKeyRotation(
            session=session,
            config=deployment.config,
            iam=deployment.client("iam"),
            secrets=deployment.client("secretsmanager"),
            cloudformation=deployment.client("cloudformation"),
        )
        keys = rotation.look()
        retired = [] if dry_run or keys.your_turn else rotation.retire(keys)
        if dry_run:
            rotation.rehearse(keys)
    if as_json:
        print_json(
            {
                "environment": env,
                "user": user,
                "serial": keys.serial,
                "retired": len(retired),
                "your_turn": keys.your_turn,
                "dry_run": dry_run,
            }
        )
    elif keys.your_turn:
        tell(keys.your_turn)
    elif not dry_run:
        tell(f"user {user} has one access key, and the environment reads with it")
    if keys.your_turn:
        raise typer.Exit(YOUR_TURN)
