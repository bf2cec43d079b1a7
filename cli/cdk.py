"""Runs the pinned CDK CLI, with its output in a log file."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.output import CommandError, shown
from config import ROOT

CDK_CLI = ROOT / "node_modules" / ".bin" / "cdk"
_QUIET = ["--no-color", "--no-notices", "--no-version-reporting"]


@dataclass(frozen=True, kw_only=True)
class Cdk:
    """The real CLI, with its output in a log file.

    Args:
        environment: AWS settings; they take the place of whatever the shell has.
        assembly: folder of the synthesized templates.
        logs: folder of the log files.
        env: whose config file is read.
        account: the AWS account to bootstrap.
        context: extra `-c key=value` pairs.
    """

    environment: Mapping[str, str]
    assembly: Path
    logs: Path
    env: str
    account: str
    context: tuple[str, ...] = ()

    def bootstrap(self) -> None:
        """Prepare the account as CDK wants it."""
        self._run("bootstrap", [f"aws://{self.account}/{self.environment['AWS_REGION']}", "--app", ""])

    def synth(self) -> None:
        """Write the templates, reviewed."""
        extra = [argument for pair in self.context for argument in ("--context", pair)]
        self._run(
            "synth", ["--quiet", "--output", str(self.assembly), "--context", f"env={self.env}", *extra]
        )

    def deploy(self) -> None:
        """Deploy every stack from the templates written before."""
        options = ["--all", "--require-approval", "never", "--concurrency", "4", "--progress", "events"]
        self._run("deploy", ["--app", str(self.assembly), *options])

    def _run(self, verb: str, arguments: list[str]) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"cdk-{verb}.log"
        if not CDK_CLI.exists():
            raise CommandError("the CDK CLI is not installed here; run `make setup`")
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own argument list
                [str(CDK_CLI), verb, *_QUIET, *arguments],
                cwd=ROOT,
                env=_environment(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait()
            except BaseException:
                _stop(process)
                raise
        if code:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
            raise CommandError(f"cdk {verb} failed with exit code {code}; the end of {shown(log)}:\n{tail}")


def _environment(aws: Mapping[str, str]) -> dict[str, str]:
    """This shell's environment with every AWS setting replaced by these."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))}
    search = os.pathsep.join([str(ROOT / ".venv" / "bin"), kept.get("PATH", "")])
    quiet = {"CDK_DISABLE_CLI_TELEMETRY": "true", "CDK_DISABLE_VERSION_CHECK": "true", "CI": "true"}
    return {**kept, **quiet, **aws, "PATH": search}


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the CLI and the app it started."""
    for number, patience in ((signal.SIGTERM, 3), (signal.SIGKILL, 3)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
        return
