"""Brings the whole pipeline up in the laptop cloud: the same templates, with config/local.toml."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from cli.bootstrap_sql import bootstrap_sql
from cli.cdk import Cdk
from cli.output import CommandError, shown, step
from cli.service_logins import KeyPairLogin, Purpose, service_user
from cli.snowflake_login import connect_laptop
from config import ROOT
from config.model import PipelineConfig
from laptop.cloud.cloud import LaptopCloud
from laptop.cloud.keys import create_key_pair

STATE = Path(os.environ.get("CLICKSTREAM_STATE", ROOT / ".local"))
UP_STATE = STATE / "up"
DEMO_STATE = STATE / "demo"
DEPLOYED_ENV = UP_STATE / "environment"


@dataclass(frozen=True, kw_only=True)
class Timings:
    """Seconds that each part of a deployment took."""

    prepare: float
    deploy: float


def deploy(cloud: LaptopCloud, config: PipelineConfig, *, context: tuple[str, ...] = ()) -> Timings:
    """Run the administrator's SQL, then the real `cdk bootstrap`, `synth` and `deploy --all`.

    Raises:
        CommandError: a step failed; its log is named.
    """
    cdk = Cdk(
        environment=cloud.environment(),
        assembly=cloud.state_dir / "cdk.out",
        logs=cloud.state_dir / "logs",
        env=config.env,
        account=config.account,
        context=context,
    )
    with step("Snowflake administrator's SQL (`clickstream bootstrap-sql`)"):
        prepare_snowflake(cloud, config)
    with (
        ThreadPoolExecutor(max_workers=1) as beside,
        step("cdk bootstrap and cdk synth, with security review"),
    ):
        # The templates need no account, so both run at once.
        started = time.monotonic()
        bootstrap = beside.submit(cdk.bootstrap)
        cdk.synth()
        bootstrap.result()
        prepared = time.monotonic()
    with step("cdk deploy --all"):
        cdk.deploy()
    return Timings(prepare=round(prepared - started, 2), deploy=round(time.monotonic() - prepared, 2))


def prepare_snowflake(cloud: LaptopCloud, config: PipelineConfig) -> None:
    """Be the administrator: make the service users' keys, store the private halves, run the bootstrap SQL."""
    deploy = _make_login(cloud, config, Purpose.DEPLOY)
    monitor = _make_login(cloud, config, Purpose.MONITOR) if config.monitor.enabled else None
    with connect_laptop(cloud) as admin:
        for cursor in admin.execute_string(bootstrap_sql(config, deploy, monitor)):
            cursor.close()


def _make_login(cloud: LaptopCloud, config: PipelineConfig, purpose: Purpose) -> KeyPairLogin:
    private, public = create_key_pair(cloud.state_dir, purpose)
    secrets = aws_session(cloud).client(
        "secretsmanager", endpoint_url=cloud.environment()["AWS_ENDPOINT_URL"]
    )
    name = service_user(config, purpose).secret_name
    value = json.dumps({"private_key": private.read_text()})
    try:
        secrets.create_secret(Name=name, SecretString=value)
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=name, SecretString=value)
    return KeyPairLogin.from_pem(public)


@contextmanager
def passing_cloud(state_dir: Path, *, region: str, minute_seconds: float = 60) -> Iterator[LaptopCloud]:
    """A laptop cloud for as long as the block lasts; nothing of it survives.

    `minute_seconds` is how long a minute is to the schedules.
    """
    cloud = LaptopCloud(state_dir)
    with step("laptop cloud: AWS emulator and Snowflake stand-in"):
        cloud.start(region=region, attached=True, minute_seconds=minute_seconds)
    try:
        yield cloud
    finally:
        cloud.stop()


def started_cloud() -> LaptopCloud:
    """The cloud that `make up` started, whatever is deployed to it.

    Raises:
        CommandError: there is none.
    """
    cloud = LaptopCloud(UP_STATE)
    if not cloud.status().running:
        raise CommandError("the laptop cloud is not running; start it with `make up`")
    return cloud


def deployed_env() -> str | None:
    """The environment that `make up` deployed; None, if it has not come to its end."""
    return DEPLOYED_ENV.read_text() if DEPLOYED_ENV.exists() else None


def unfinished() -> str:
    """What is the matter with a cloud that nothing is deployed to, and what to do."""
    return (
        "no deployment to the laptop cloud has finished: run `make up` again, or `make down`; "
        f"the logs are in {shown(UP_STATE / 'logs')}/"
    )


def running_cloud(env: str) -> LaptopCloud:
    """The cloud that `make up` started, with `environment` deployed to it.

    Raises:
        CommandError: there is none, its deployment has not finished, or another environment is in it.
    """
    cloud, deployed = started_cloud(), deployed_env()
    if deployed is None:
        raise CommandError(unfinished())
    if deployed != env:
        raise CommandError(
            f"the laptop cloud holds {deployed}, not environment {env!r}; "
            f"use --env {deployed}, or deploy the other with `clickstream up --env {env}`"
        )
    return cloud


def aws_session(cloud: LaptopCloud) -> boto3.Session:
    """AWS as the laptop plays it, whatever account the shell is set up for; clients need the endpoint as well."""
    environment = cloud.environment()
    return boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
