"""Runs of the pinned CDK CLI, with its output in a log file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.output import CommandError, shown
from config import ROOT

CDK_CLI = ROOT / "node_modules" / ".bin" / "cdk"
_LOOK_SECONDS = 0.2
_TAIL_LINES = 25
# stack | 12/18 | 2:12:34 AM | CREATE_FAILED | Custom::SnowflakeView | Clicks/View (ClicksView6211845E) Error: …
_FAILED = re.compile(r"^(\S+) \|.*\| \w+_FAILED +\| \S+ +\| (.+)$", re.MULTILINE)
_CANCELLED = " cancelled"  # because another resource failed

Progress = Callable[[str], None]
"""Shows a line of the log as progress."""


@dataclass(frozen=True, kw_only=True)
class Cdk:
    """The real CLI, in this process's environment.

    Args:
        assembly: folder of the synthesized templates.
        logs: folder of the log files.
        env: the environment.
        context: extra `-c key=value` pairs.
    """

    assembly: Path
    logs: Path
    env: str
    context: tuple[str, ...] = ()

    @contextmanager
    def bootstrapping(self, account: str, region: str) -> Iterator[Run]:
        """Run `cdk bootstrap` in the background of the block."""
        with self._run("bootstrap", f"aws://{account}/{region}", "--app", "") as run:
            yield run

    def synth(self, progress: Progress, *, review: bool = True) -> None:
        """Write the templates; without the security review only if nothing is deployed."""
        arguments = ["--quiet", "--output", str(self.assembly)]
        for pair in (f"env={self.env}", *self.context):
            arguments += ["--context", pair]
        if not review:
            arguments += ["--app", "python -m stacks"]
        with self._run("synth", *arguments) as run:
            run.finish(progress)

    def deploy(self, progress: Progress) -> None:
        """Deploy every stack from the synthesized templates."""
        options = ["--all", "--require-approval", "never", "--concurrency", "4", "--progress", "events"]
        with self._run("deploy", "--app", str(self.assembly), *options) as run:
            run.finish(progress)

    @contextmanager
    def _run(self, verb: str, *arguments: str) -> Iterator[Run]:
        """A running CLI; it is stopped with the block, and with this process, however that ends."""
        if not CDK_CLI.exists():
            raise CommandError("the CDK CLI is not installed here; run `make setup`")
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"cdk-{verb}.log"
        command = [str(CDK_CLI), verb, "--no-color", "--no-notices", "--no-version-reporting", *arguments]
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own argument list
                [sys.executable, "-m", "cli.tether", *command],
                cwd=ROOT,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield Run(process, verb, log)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait()


@dataclass(frozen=True)
class Run:
    """One run of the CLI."""

    process: subprocess.Popen[bytes]
    verb: str
    log: Path

    def finish(self, progress: Progress | None = None) -> None:
        """Wait until it is done.

        Raises:
            CommandError: it failed; the message says why, and where its log is.
        """
        with self.log.open(errors="replace") as lines:
            while (code := self._code()) is None:
                for line in lines:
                    if progress:
                        progress(line.strip())
        if code:
            text = self.log.read_text(errors="replace")
            raise CommandError(f"cdk {self.verb} failed: {failure(text)}\nIts log is {shown(self.log)}")

    def _code(self) -> int | None:
        try:
            return self.process.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            return None


def failure(log: str) -> str:
    """CloudFormation's reason for each failed resource; if there is none, the end of the log, without stack frames."""
    failed = [f"{stack}: {what}" for stack, what in _FAILED.findall(log) if _CANCELLED not in what]
    if failed:
        return "\n".join(dict.fromkeys(failed))
    _, trace, raised = log.rpartition("Traceback (most recent call last):\n")
    lines = [line for line in raised.splitlines() if not (trace and line.startswith(" "))]
    return "\n".join(["", *lines[-_TAIL_LINES:]])


def _environment() -> dict[str, str]:
    """This process's environment, with the packages of `make setup` first, without the CLI's notices and telemetry."""
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    quiet = {"CDK_DISABLE_CLI_TELEMETRY": "true", "CDK_DISABLE_VERSION_CHECK": "true", "CI": "true"}
    return {**os.environ, **quiet, "PATH": search}
