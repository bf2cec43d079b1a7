"""Deployment to the laptop cloud: the same templates, with config/local.toml.

The only module that imports the separate project `laptop/`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cli.bootstrap_sql import bootstrap_sql
from cli.cdk import Cdk
from cli.deployment import Deployment, NotDeployedError, load_env
from cli.keys import KeyPair
from cli.output import CommandError, note, shown, step
from cli.service_logins import KeyPairLogin, Purpose, service_user
from config import ROOT
from config.model import PipelineConfig

try:
    from laptop import LaptopCloud
except ImportError:
    raise CommandError(
        "the laptop cloud is not installed here: install it with `pip install -e laptop`, "
        "or everything with `make setup`"
    ) from None

STATE = Path(os.environ.get("CLICKSTREAM_STATE", ROOT / ".local"))
UP_STATE = STATE / "up"
DEMO_STATE = STATE / "demo"
_DEPLOYED_ENV = UP_STATE / "environment"
_NODE_MODULES = ROOT / "node_modules"
# Schedules run every ten seconds, as config/local*.toml assumes, so that alarms go off soon.
MINUTE_SECONDS = 10.0
# Variables that direct tools to an account of AWS or Snowflake.
_OF_ACCOUNTS = ("AWS_", "CDK_DEFAULT_", "SNOWFLAKE_")


class Laptop(Deployment):
    """An environment in a laptop cloud; creating it makes this process a client of that cloud and of no account."""

    def __init__(self, config: PipelineConfig, cloud: LaptopCloud) -> None:
        super().__init__(config)
        self.cloud = cloud
        leave_accounts(cloud.environment())

    @classmethod
    def deployed(cls, config: PipelineConfig, *, even_unfinished: bool = False) -> Laptop:
        """The environment that `make up` deployed.

        Raises:
            NotDeployedError: no cloud is running, its deployment has not finished, or another environment is in it.
        """
        laptop, deployed = cls(config, started_cloud()), deployed_env()
        if deployed not in (None, config.env):
            raise NotDeployedError(
                f"the laptop cloud holds {deployed}, not environment {config.env!r}; use --env {deployed}, or "
                f"deploy the other in its place with `clickstream down` and `clickstream up --env {config.env}`"
            )
        if deployed is None:
            laptop.unfinished = (
                "no deployment to the laptop cloud has finished: run `make up` again, or `make down`; "
                f"the logs are in {shown(UP_STATE / 'logs')}/"
            )
            if not even_unfinished:
                raise NotDeployedError(laptop.unfinished)
        return laptop

    @classmethod
    def kept_running(cls, config: PipelineConfig) -> Laptop:
        """Deploy an environment to the cloud that `make up` starts, and leave it running.

        Raises:
            CommandError: another environment is in it, or the deployment failed.
        """
        cloud = LaptopCloud(
            UP_STATE,
            region=config.region,
            minute_seconds=MINUTE_SECONDS,
            page=True,
            node_modules=_NODE_MODULES,
            docs=ROOT / "docs",
        )
        if not cloud.status().running:
            _DEPLOYED_ENV.unlink(missing_ok=True)
            with step("laptop cloud: AWS emulator, Snowflake stand-in and dashboard page"):
                cloud.start()
        elif (there := deployed_env()) not in (None, config.env):
            raise CommandError(
                f"the laptop cloud holds environment {there}, and two of them would share names in Snowflake; "
                f"make room with `clickstream down`, then `clickstream up --env {config.env}`"
            )
        else:
            note("the laptop cloud is running already; deploying to it")
        laptop = cls(config, cloud)
        cloud.write_connections(database=config.snowflake.database, schema=config.snowflake.schema_name)
        try:
            laptop.deploy()
        except CommandError:
            cloud.detach()  # kept after a failure, for inspection; an interrupted one ends with this process
            raise
        _DEPLOYED_ENV.write_text(config.env)
        cloud.detach()
        return laptop

    @property
    def region(self) -> str:
        """The emulator's region."""
        return os.environ["AWS_REGION"]

    @property
    def snowflake_address(self) -> dict[str, Any]:
        """The stand-in's address."""
        connection = self.cloud.snowflake_connection()
        return {name: connection[name] for name in ("account", "host", "port", "protocol")}

    def _own_login(self) -> dict[str, Any]:
        """The stand-in's administrator."""
        return self.cloud.snowflake_connection()

    def servers(self) -> dict[str, Any]:
        """The addresses and processes of emulator, stand-in and page."""
        return asdict(self.cloud.status())

    def deploy(self) -> Timings:
        """Run the administrator's SQL, then the real `cdk bootstrap`, `synth` and `deploy --all`.

        Raises:
            CommandError: a step failed; the message names its log.
        """
        state = self.cloud.state_dir
        cdk = Cdk(assembly=state / "cdk.out", logs=state / "logs", env=self.config.env)
        with step("Snowflake administrator's SQL (`clickstream bootstrap-sql`)"):
            self.prepare_snowflake()
        started = time.monotonic()
        # The templates need no account, so both run at once.
        with (
            step("cdk bootstrap and cdk synth, with security review") as progress,
            cdk.bootstrapping(self.config.account, self.region) as bootstrap,
        ):
            cdk.synth(progress)
            bootstrap.finish()
        prepared = time.monotonic()
        with step("cdk deploy --all") as progress:
            cdk.deploy(progress)
        return Timings(prepare=round(prepared - started, 2), deploy=round(time.monotonic() - prepared, 2))

    def prepare_snowflake(self) -> None:
        """Act as the administrator: create and store the service users' keys, run the bootstrap SQL."""
        deploy = self._login(Purpose.DEPLOY)
        monitor = self._login(Purpose.MONITOR) if self.config.monitor.enabled else None
        with self.snowflake() as admin:
            for cursor in admin.execute_string(bootstrap_sql(self.config, deploy, monitor)):
                cursor.close()

    def _login(self, purpose: Purpose) -> KeyPairLogin:
        """The key in the service user's secret, created at the first deployment."""
        secrets = self.client("secretsmanager")
        name = service_user(self.config, purpose).secret_name
        try:
            pair = KeyPair.of_secret(secrets.get_secret_value(SecretId=name)["SecretString"])
        except secrets.exceptions.ResourceNotFoundException:
            pair = KeyPair.new()
            secrets.create_secret(Name=name, SecretString=pair.secret)
        return KeyPairLogin(pair.public_body)


@dataclass(frozen=True, kw_only=True)
class Timings:
    """Seconds that each part of a deployment took."""

    prepare: float
    deploy: float


def load_laptop_env(env: str) -> PipelineConfig:
    """The config of an environment that is meant for the laptop cloud.

    Raises:
        CommandError: there is no such environment, its file is not usable, or it is meant for an account.
    """
    config = load_env(env)
    if not config.laptop:
        raise CommandError(
            f"environment {env!r} is for an AWS account, not for the laptop (laptop = true in its config file is "
            f"missing); deploy it with `cdk deploy --all -c env={env}`",
            exit_code=2,
        )
    return config


def started_cloud() -> LaptopCloud:
    """The cloud that `make up` started, with any environment.

    Raises:
        NotDeployedError: there is none.
    """
    cloud = LaptopCloud(UP_STATE)
    if not cloud.status().running:
        raise NotDeployedError("the laptop cloud is not running; start it with `make up`")
    return cloud


def stop_cloud() -> bool:
    """Stop the cloud that `make up` started; return whether it ran."""
    return LaptopCloud(UP_STATE).stop()


def deployed_env() -> str | None:
    """The environment that `make up` deployed; None if that has not finished."""
    return _DEPLOYED_ENV.read_text() if _DEPLOYED_ENV.exists() else None


@contextmanager
def passing_cloud(config: PipelineConfig, state: Path, *, minute_seconds: float = 60) -> Iterator[Laptop]:
    """An environment in a temporary laptop cloud, which is removed at the end of the block.

    `minute_seconds` is the length of a minute for the schedules.
    """
    cloud = LaptopCloud(
        state, region=config.region, minute_seconds=minute_seconds, node_modules=_NODE_MODULES
    )
    with step("laptop cloud: AWS emulator and Snowflake stand-in"):
        cloud.start()
    try:
        yield Laptop(config, cloud)
    finally:
        cloud.stop()


def leave_accounts(settings: Mapping[str, str]) -> None:
    """Replace all variables that direct this process, and its children, to an account.

    A stale profile or session token, or a proxy for local addresses, would otherwise make it fail.
    """
    for name in in_the_way(settings):
        del os.environ[name]
    # The connector would query the metadata addresses of cloud providers.
    os.environ.update(settings, SNOWFLAKE_DISABLE_PLATFORM_DETECTION="true")


def in_the_way(settings: Mapping[str, str]) -> list[str]:
    """The variables of this shell that direct to an account, and that `settings` do not replace."""
    return sorted(name for name in os.environ if name.startswith(_OF_ACCOUNTS) and name not in settings)
