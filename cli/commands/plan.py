"""`clickstream plan`: the SQL that a deployment would run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from cli.options import DEFAULT_ENV, AsJson, Connection, Env
from cli.output import CommandError, print_json, step

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from cli.deployment import Deployment
    from cli.plan.planner import Plan
    from cli.plan.templates import Resources
    from config.model import PipelineConfig

DRIFT = 3
WOULD_FAIL = 4


def plan(
    env: Env = DEFAULT_ENV,
    live: Annotated[
        bool, typer.Option("--live", help="Query Snowflake, and compare its objects with the deployed ones.")
    ] = False,
    assembly: Annotated[
        Path | None,
        typer.Option(
            help="Templates of an earlier `cdk synth`; by default they are synthesized now.", file_okay=False
        ),
    ] = None,
    context: Annotated[
        list[str] | None,
        typer.Option("--context", "-c", help="As for `cdk deploy`, e.g. allow_data_loss=true."),
    ] = None,
    connection: Connection = None,
    questions: Annotated[
        bool, typer.Option("--questions", help="Also show the statements that only read.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the SQL that a deployment would run now, and what CloudFormation would refuse.

    Nothing is changed. The landing Lambda's own code decides, based on the deployed properties and those of the
    templates here. Without --live, Snowflake is assumed to be as deployed; with --live it is queried in your session
    (on the laptop, the administrator's). Access keys are shown as '***', and values known only at deployment are
    marked as such. CloudFormation may run independent statements in parallel.

    Exits with 0; with 3 if --live finds drift; with 4 if the deployment would fail.

    \b
    clickstream plan --env dev
    clickstream plan --env dev --assembly cdk.out --json
    clickstream plan --env prod --live --connection my_account
    """
    from cli.deployment import load_env
    from cli.plan import text as plan_text
    from cli.plan.templates import collect, read_assembly
    from config.names import StackId

    config = load_env(env)
    _check_context(context or [])
    deployment = _deployment(env, connection, must_run=live)
    with _assembly(config, assembly, context or []) as folder:
        stacks = read_assembly(folder, env)
    resources = collect(
        stacks,
        deployment.client("cloudformation") if deployment else None,
        others=[config.names.stack(stack) for stack in get_args(StackId)],
    )
    if not resources.wanted and not resources.deployed:
        raise CommandError(f"the templates have no Snowflake resource of environment {env!r}", exit_code=2)
    with deployment.snowflake() if deployment and live else nullcontext() as session:
        found = _plan(config, resources, session)
    notes = [
        *_premises(env, resources, deployment, live=live),
        *_unreadable(found),
        *_unknown(resources, found),
    ]
    if as_json:
        print_json(plan_text.as_json(env, found, questions=questions, notes=notes))
    else:
        print(plan_text.as_text(env, found, questions=questions, notes=notes))
    if found.refused or found.drift:
        raise typer.Exit(WOULD_FAIL if found.refused else DRIFT)


def _plan(config: PipelineConfig, resources: Resources, connection: SnowflakeConnection | None) -> Plan:
    from cli.plan.forecast import OwnSession
    from cli.plan.planner import make_plan
    from snowflake_setup.session.errors import SnowflakeError

    try:
        return make_plan(resources, config.snowflake.account, OwnSession(connection) if connection else None)
    except SnowflakeError as error:
        raise CommandError(f"cannot query Snowflake: {error}") from None


def _check_context(context: list[str]) -> None:
    if any(pair.partition("=")[0].strip() == "env" for pair in context):
        raise CommandError(
            "--context env=… would plan one environment and compare it with another; use --env", exit_code=2
        )


def _deployment(env: str, connection: str | None, *, must_run: bool) -> Deployment | None:
    """The environment's deployment; None if it is the laptop's and not running."""
    from cli.deployment import Deployment, NotDeployedError

    try:
        return Deployment.of(env, connection=connection)
    except NotDeployedError:
        if must_run:
            raise
        return None


@contextmanager
def _assembly(config: PipelineConfig, given: Path | None, context: list[str]) -> Iterator[Path]:
    """The folder of the templates; a temporary one if they are synthesized here."""
    if given is not None:
        yield given
        return
    from cli.cdk import Cdk

    with TemporaryDirectory(prefix="clickstream-plan-") as folder:
        cdk = Cdk(
            assembly=Path(folder) / "cdk.out", logs=Path(folder), env=config.env, context=tuple(context)
        )
        with step("cdk synth") as progress:
            cdk.synth(progress, review=False)
        yield cdk.assembly


def _premises(env: str, resources: Resources, deployment: Deployment | None, *, live: bool) -> list[str]:
    if deployment is None:
        return [f"environment {env} is not running on the laptop: everything is created"]
    compared = (
        f"compared with the deployed {', '.join(resources.deployed_stacks)}"
        if resources.deployed
        else "no Snowflake object is deployed: everything is created"
    )
    unseen = "an object that exists but is not deployed is adopted or refused, not created; check with --live"
    return [compared] if live else [compared, unseen]


def _unreadable(found: Plan) -> list[str]:
    return [
        f"{name}: the deployed properties cannot be used: {why}" for name, why in found.unreadable.items()
    ]


def _unknown(resources: Resources, found: Plan) -> list[str]:
    """Explanations of the placeholders in the output."""
    text = "\n".join(statement.sql() for request in found.requests for statement in request.statements)
    unknown = [
        f"{name} stands for a name that AWS assigns at deployment; a pipe's [def:…] depends on it"
        for name in resources.unknown
        if name in text
    ]
    if "[owner:" in text and not resources.deployed:
        unknown.append("an integration's [owner:…] depends on the id that the stack gets at deployment")
    return unknown
