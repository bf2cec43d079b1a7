"""A user's laptop: the `clickstream` command, the CDK CLI, and the laptop cloud, driven from this process."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import boto3
import snowflake.connector
from botocore.config import Config
from botocore.exceptions import ClientError
from snowflake.connector import DictCursor, SnowflakeConnection

from config.files import load_config
from laptop import LaptopCloud
from laptop.testing import waiting
from tests.e2e.guard import Guard
from tests.leftovers import processes_of

ROOT = Path(__file__).parents[2]
# Longer than anything takes on a busy machine.
PATIENCE_SECONDS = 300.0
# Each look costs the servers as much work as a request of the pipeline.
_LOOK_SECONDS = 0.2
T = TypeVar("T")


class Laptop:
    """A laptop whose `.local/` is `state`; nothing it starts outlives this process.

    Args:
        state: the folder.
        config: the folder of the environments' files.
        env: the environment whose rows are read.
        validates: whether the CDK checks templates against CloudFormation's schemas. That is most of a synthesis, and
            tests/infrastructure has the templates of every option checked, so one test of this folder is enough.

    Attributes:
        program: what Python runs as `clickstream`.
    """

    def __init__(
        self, state: Path, config: Path = ROOT / "config", *, env: str = "local", validates: bool = False
    ) -> None:
        self.state = state
        self.config = config
        self._env = env
        self._validates = validates
        self.program: tuple[str, ...] = ("-m", "cli.main")
        self._guard = Guard(state)

    @property
    def cloud(self) -> LaptopCloud:
        """The laptop cloud that `clickstream up` keeps running."""
        return LaptopCloud(self.state / "up")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `clickstream …` in the background, in its own process group."""
        return subprocess.Popen(
            [sys.executable, *self.program, *arguments],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run `clickstream …`, which must end with `code`; return stdout, with stderr added if it should fail."""
        process = self.start(*arguments)
        try:
            output, messages = process.communicate(timeout=PATIENCE_SECONDS)
        except BaseException:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE_SECONDS)
            raise
        assert process.returncode == code, (
            f"{arguments} ended with {process.returncode}:\n{output}\n{messages}"
        )
        return output + messages if code else output

    def cdk(self, *arguments: str) -> None:
        """Run the CDK CLI against the running laptop cloud, as docs/laptop.md shows."""
        self.shell(
            f'eval "$(clickstream env)"; cdk {shlex.join(arguments)}', CDK_DISABLE_CLI_TELEMETRY="true"
        )

    def shell(self, script: str, **settings: str) -> str:
        """Run a shell command; return its output."""
        done = subprocess.run(
            ["bash", "-eu", "-c", script],
            cwd=ROOT,
            env={**self._environment, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, f"{script}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @property
    def assembly(self) -> Path:
        """The templates that `clickstream up` deployed."""
        return self.state / "up" / "cdk.out"

    def client(self, service: str, keys: Mapping[str, Any] | None = None) -> Any:
        """A client of the running laptop cloud, with the administrator's keys unless others are given."""
        settings = self.cloud.environment()
        own: Mapping[str, Any] = {
            "aws_access_key_id": settings["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": settings["AWS_SECRET_ACCESS_KEY"],
        }
        return boto3.client(
            service,
            endpoint_url=settings["AWS_ENDPOINT_URL"],
            region_name=settings["AWS_REGION"],
            config=Config(retries={"total_max_attempts": 1}),
            **(keys or own),
        )

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Rows of one statement, run in the running laptop cloud."""
        with self._snowflake.cursor(DictCursor) as cursor:
            return [dict(row) for row in cursor.execute(sql).fetchall()]

    def rows(self, table: str = "click_events") -> tuple[int, int]:
        """Number of rows of a table and of distinct events in them, canaries excluded."""
        (row,) = self.query(
            f"SELECT COUNT(*) AS n, COUNT(DISTINCT event_id) AS d FROM {table} "
            "WHERE NOT STARTSWITH(event_type, '_')"
        )
        return int(row["N"]), int(row["D"])

    def arrived(self, rows: int, distinct: int, table: str = "click_events") -> None:
        """Wait until a table has this many rows and distinct events."""
        try:
            eventually(lambda: self.rows(table) == (rows, distinct))
        except AssertionError:
            raise AssertionError(f"{table}: {(rows, distinct)} expected, found {self.rows(table)}") from None

    @contextmanager
    def traffic(self, env: str, rate: int = 150) -> Iterator[list[int]]:
        """Send events while the block runs; afterwards the list holds how many were sent."""
        before, sent = self.rows()[0], list[int]()
        producer = self.start("send", "--env", env, "--rate", str(rate), "--json")
        try:
            eventually(lambda: self.rows()[0] > before)
            yield sent
            assert producer.poll() is None, "the producer ended before the block"
        finally:
            producer.send_signal(signal.SIGINT)
            output, messages = producer.communicate(timeout=PATIENCE_SECONDS)
        assert producer.returncode == 130, messages
        sent.append(as_json(output)["sent"])

    def update(self, stack: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Deploy a stack with a changed template, as a config change would."""
        cloudformation = self.client("cloudformation")
        body = cloudformation.get_template(StackName=stack)["TemplateBody"]
        template: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
        change(template)
        try:
            cloudformation.update_stack(
                StackName=stack, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
            )
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return
            raise

        def status() -> str:
            return str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

        eventually(lambda: not status().endswith("IN_PROGRESS"))
        assert status() == "UPDATE_COMPLETE"

    def processes(self) -> list[str]:
        """Command lines of the processes that still run for this laptop."""
        return [" ".join(process.info["cmdline"] or []) for process in processes_of(self.state)]

    def shut(self) -> None:
        """Stop the laptop cloud if it runs; no process may be left."""
        if "_snowflake" in vars(self):
            self._snowflake.close()
        self.run("down")
        try:
            eventually(lambda: self.processes() == [])
        finally:
            self._guard.dismiss()

    @cached_property
    def _snowflake(self) -> SnowflakeConnection:
        names = load_config(self._env, self.config).snowflake
        # The connector would query cloud metadata addresses to find out where it runs.
        with patch.dict(os.environ, SNOWFLAKE_DISABLE_PLATFORM_DETECTION="true"):
            return snowflake.connector.connect(
                **self.cloud.snowflake_connection(), database=names.database, schema=names.schema_name
            )

    @cached_property
    def _environment(self) -> dict[str, str]:
        tools = (Path(sys.executable).parent, ROOT / "node_modules" / ".bin", os.environ.get("PATH", ""))
        return {
            **os.environ,
            "CDK_VALIDATION": str(self._validates).lower(),
            "PATH": os.pathsep.join(map(str, tools)),
            "CLICKSTREAM_STATE": str(self.state),
            "CLICKSTREAM_CONFIG": str(self.config),
        }


def as_json(output: str) -> dict[str, Any]:
    """Parse the output of a command run with --json."""
    found: dict[str, Any] = json.loads(output)
    return found


def eventually(found: Callable[[], T | None], *, every: float = _LOOK_SECONDS) -> T:
    """Wait for the first truthy result of `found`, which is called again after `every` seconds."""
    return waiting.eventually(found, within=PATIENCE_SECONDS, every=every)
