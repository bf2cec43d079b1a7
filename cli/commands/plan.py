"""`clickstream plan`: the SQL a deployment would run, before it does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from snowflake.connector import SnowflakeConnection

from cli.aws_client import client_for
from cli.cdk import Cdk
from cli.environments import load_env
from cli.laptop import UP_STATE, deployed_env
from cli.options import AsJson, Connection, Env
from cli.output import CommandError, print_json, step
from cli.plan import text as plan_text
from cli.plan.account import ConnectedAccount
from cli.plan.drift import Drift, drift_of
from cli.plan.rehearsal import rehearsal
from cli.plan.steps import Plan, Planner
from cli.plan.templates import Resources, collect, read_assembly
from cli.snowflake_login import connect_account, connect_laptop
from config.model import PipelineConfig
from laptop.cloud.cloud import LaptopCloud
from snowflake_setup.session.errors import SetupError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

DRIFT = 3
WOULD_FAIL = 4


def plan(
    env: Env = "local",
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
    config = load_env(env)
    _check_context(context or [])
    cloud = _laptop(config) if config.laptop else None
    if live and config.laptop and cloud is None:
        raise CommandError(
            f"--live asks the laptop cloud, and environment {env!r} is not running there; `make up`"
        )
    cloudformation = _cloudformation(config, cloud)
    with _assembly(config, assembly, context or []) as folder:
        stacks = read_assembly(folder, env)
    resources = collect(stacks, cloudformation)
    if not resources.wanted and not resources.deployed:
        raise CommandError(f"the templates hold no Snowflake resource of environment {env!r}", exit_code=2)
    remarks = _remarks(config, resources, cloud)
    with _session(config, cloud, connection, live=live) as session:
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


def _laptop(config: PipelineConfig) -> LaptopCloud | None:
    """The laptop cloud, if this environment runs in it."""
    cloud = LaptopCloud(UP_STATE)
    return cloud if cloud.status().running and deployed_env() == config.env else None


def _cloudformation(config: PipelineConfig, cloud: LaptopCloud | None) -> CloudFormationClient | None:
    """Where the environment is deployed; nowhere, if it is the laptop's and not running."""
    if config.laptop and cloud is None:
        return None
    client: CloudFormationClient = client_for(config, cloud, "cloudformation")
    return client


@contextmanager
def _session(
    config: PipelineConfig, cloud: LaptopCloud | None, connection: str | None, *, live: bool
) -> Iterator[SnowflakeConnection | None]:
    if not live:
        yield None
        return
    session = connect_laptop(cloud) if cloud is not None else connect_account(config, connection)
    with session:
        yield session


@contextmanager
def _assembly(config: PipelineConfig, given: Path | None, context: list[str]) -> Iterator[Path]:
    """The folder of the templates; what is made here for the purpose goes again."""
    if given is not None:
        yield given
        return
    own = {key: value for key, value in os.environ.items() if key.startswith(("AWS_", "CDK_"))}
    with TemporaryDirectory(prefix="clickstream-plan-") as folder:
        cdk = Cdk(
            environment={"AWS_REGION": config.region} if config.laptop else own,
            assembly=Path(folder) / "cdk.out",
            logs=Path(folder),
            env=config.env,
            account=config.account,
            context=tuple(context),
        )
        with step("cdk synth, with security review"):
            cdk.synth()
        yield cdk.assembly


def _remarks(config: PipelineConfig, resources: Resources, cloud: LaptopCloud | None) -> list[str]:
    remarks = []
    if config.laptop and cloud is None:
        remarks.append(f"environment {config.env} is not running on the laptop: everything is made anew")
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
