"""`clickstream plan`: the SQL a deployment would run, before it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_ENV, AsJson, Connection, Env
from cli.output import CommandError, print_json, step

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    from cli.deployment import Deployment
    from cli.plan.drift import Drift
    from cli.plan.steps import Plan
    from cli.plan.templates import Resources
    from config.model import PipelineConfig

DRIFT = 3
WOULD_FAIL = 4


def plan(
    env: Env = DEFAULT_ENV,
    live: Annotated[
        bool, typer.Option("--live", help="Ask Snowflake what it has, and compare it with what is deployed.")
    ] = False,
    assembly: Annotated[
        Path | None,
        typer.Option(
            help="Templates of an earlier `cdk synth`; by default they are made now.", file_okay=False
        ),
    ] = None,
    context: Annotated[
        list[str] | None,
        typer.Option("--context", "-c", help="As for `cdk deploy`, e.g. allow_data_loss=true."),
    ] = None,
    connection: Connection = None,
    questions: Annotated[
        bool, typer.Option("--questions", help="Show the statements that only read, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the SQL that a deployment of an environment would run now, in order. Nothing is changed.

    The landing Lambda's own code is rehearsed against the stand-in: first with the properties that CloudFormation
    has deployed, then with those of the templates here. Access keys are shown as '***', and what is known at
    deployment only is said, not guessed. CloudFormation may do side by side what does not depend on one another.
    With --live, what the plan has to know is asked of Snowflake, in your session (the administrator's, on the laptop).

    Ends with 0; with 3 if --live finds that Snowflake is not as deployed; with 4 if the deployment would fail.

    \b
    clickstream plan --env dev
    clickstream plan --env dev --assembly cdk.out --json
    clickstream plan --env prod --live --connection my_account
    """
    from cli.deployment import load_env
    from cli.plan import text as plan_text
    from cli.plan.templates import collect, read_assembly

    config = load_env(env)
    _check_context(context or [])
    deployment = _deployment(env, connection, must_run=live)
    with _assembly(config, assembly, context or []) as folder:
        stacks = read_assembly(folder, env)
    resources = collect(stacks, deployment.client("cloudformation") if deployment else None)
    if not resources.wanted and not resources.deployed:
        raise CommandError(f"the templates hold no Snowflake resource of environment {env!r}", exit_code=2)
    remarks = _remarks(env, resources, deployment)
    with deployment.snowflake() if deployment and live else nullcontext() as session:
        found, drift = _rehearse(config, resources, session, remarks)
    remarks += _unknown(resources, found)
    if as_json:
        print_json(plan_text.as_json(env, found, questions=questions, remarks=remarks, drift=drift))
    else:
        print(plan_text.as_text(env, found, questions=questions, remarks=remarks, drift=drift))
    if found.refused or drift:
        raise typer.Exit(WOULD_FAIL if found.refused else DRIFT)


def _rehearse(
    config: PipelineConfig, resources: Resources, session: SnowflakeConnection | None, remarks: list[str]
) -> tuple[Plan, list[Drift] | None]:
    from cli.plan.account import ConnectedAccount
    from cli.plan.drift import drift_of
    from cli.plan.rehearsal import rehearsal
    from cli.plan.steps import Planner
    from snowflake_setup.session.errors import SetupError

    with rehearsal(config.snowflake.account) as (warehouse, tools, log):
        planner = Planner(warehouse, tools, log)
        failed = planner.recall(resources.deployed)
        remarks += [
            f"{logical_id}: the deployed properties cannot be rehearsed: {why}"
            for logical_id, why in failed.items()
        ]
        if session is None:
            return planner.plan(resources), None
        account = ConnectedAccount(session)
        try:
            drift = [
                found
                for resource in resources.deployed
                if resource.logical_id not in failed
                for found in drift_of(resource, tools, account)
            ]
        except SetupError as error:
            raise CommandError(f"cannot compare with Snowflake: {error}") from None
        warehouse.forget()
        warehouse.account = account
        return planner.plan(resources), drift


def _check_context(context: list[str]) -> None:
    if any(pair.partition("=")[0].strip() == "env" for pair in context):
        raise CommandError(
            "--context env=… would plan one environment and compare it with another; use --env", exit_code=2
        )


def _deployment(env: str, connection: str | None, *, must_run: bool) -> Deployment | None:
    """Where the environment is deployed; nowhere, if it is the laptop's and not running."""
    from cli.deployment import Deployment, NotDeployedError

    try:
        return Deployment.of(env, connection=connection)
    except NotDeployedError:
        if must_run:
            raise
        return None


@contextmanager
def _assembly(config: PipelineConfig, given: Path | None, context: list[str]) -> Iterator[Path]:
    """The folder of the templates; what is made here for the purpose goes again."""
    if given is not None:
        yield given
        return
    from cli.cdk import Cdk

    with TemporaryDirectory(prefix="clickstream-plan-") as folder:
        cdk = Cdk(
            assembly=Path(folder) / "cdk.out", logs=Path(folder), env=config.env, context=tuple(context)
        )
        with step("cdk synth, with security review"):
            cdk.synth()
        yield cdk.assembly


def _remarks(env: str, resources: Resources, deployment: Deployment | None) -> list[str]:
    remarks = []
    if deployment is None:
        remarks.append(f"environment {env} is not running on the laptop: everything is made anew")
    elif not resources.deployed:
        remarks.append("no Snowflake object is deployed: everything is made anew")
    else:
        remarks.append(f"compared with the deployed {', '.join(resources.deployed_stacks)}")
    return remarks


def _unknown(resources: Resources, found: Plan) -> list[str]:
    """The placeholders that stand in what is printed."""
    text = "\n".join(statement.sql() for step in found.steps for statement in step.sent)
    return [
        f"{name} stands for a name that AWS gives at deployment; a pipe's [def:…] follows from it"
        for name in resources.unknown
        if name in text
    ]
