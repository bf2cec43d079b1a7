"""Runs the pinned CDK CLI before the eyes of a pipeline's reader, or for what it says."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from cli.cdk import CDK_CLI
from cli.output import CommandError
from config import ROOT


def run_cdk(verb: str, arguments: Sequence[str], *, environment: Mapping[str, str]) -> None:
    """Run it before the person's eyes.

    Raises:
        CommandError: it failed.
    """
    code = subprocess.run(  # noqa: S603 - our own argument list
        [str(CDK_CLI), verb, "--no-notices", *arguments], cwd=ROOT, env=dict(environment), check=False
    ).returncode
    if code:
        raise CommandError(f"cdk {verb} failed with exit code {code}")


def cdk_output(
    verb: str, arguments: Sequence[str], *, environment: Mapping[str, str], folder: Path = ROOT
) -> str:
    """Run it and keep what it says.

    Raises:
        CommandError: it failed; the message has the end of what it said.
    """
    done = subprocess.run(  # noqa: S603 - our own argument list
        [str(CDK_CLI), verb, "--no-notices", "--no-color", *arguments],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(
            f"cdk {verb} failed with exit code {done.returncode}:\n{done.stdout.strip()[-2000:]}"
        )
    return done.stdout
