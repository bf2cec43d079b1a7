"""What a diff compares with: the templates that are deployed, or those that another commit makes."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from ci.assembly import Assembly, Template
from ci.cdk import cdk_output
from cli.output import CommandError
from config import ROOT
from config.model import PipelineConfig

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


def deployed_templates(stacks: Iterable[str], account: CloudFormationClient) -> dict[str, Template]:
    """The templates of those stacks that exist in the account.

    Raises:
        CommandError: the account does not tell.
    """
    found = {}
    for stack in stacks:
        try:
            body = account.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
        except ClientError as error:
            if _is_missing(error):
                continue
            hint = (
                "; a stack that is new must be made known to the stack Ci (docs/ci.md)"
                if _is_denied(error)
                else ""
            )
            raise CommandError(f"the template of {stack} cannot be read: {error}{hint}") from None
        except BotoCoreError as error:
            raise CommandError(f"the template of {stack} cannot be read: {error}") from None
        found[stack] = json.loads(body) if isinstance(body, str) else dict(body)
    return found


def templates_of(commit: str, config: PipelineConfig, environment: Mapping[str, str]) -> dict[str, Template]:
    """The templates of an environment as another commit makes them, with the packages that are installed here.

    Args:
        commit: anything git takes for one.
        config: the environment.
        environment: of the CDK app.

    Raises:
        CommandError: that commit cannot be had, or makes none.
    """
    with tempfile.TemporaryDirectory(prefix="before-") as scratch:
        tree, out = Path(scratch, "tree"), Path(scratch, "cdk.out")
        _git("worktree", "add", "--detach", str(tree), f"{commit}^{{commit}}")
        try:
            # Bundles go by the hash of their sources: what did not change is not built again.
            (ROOT / "build").mkdir(exist_ok=True)
            (tree / "build").symlink_to(ROOT / "build", target_is_directory=True)
            cdk_output(
                "synth",
                ["--quiet", "--output", str(out), "--context", f"env={config.env}"],
                environment={**environment, "PYTHONPATH": f"{tree}:{tree / 'constructs'}"},
                folder=tree,
            )
            return dict(Assembly.read(config, out).templates)
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _is_missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ValidationError" and "does not exist" in str(error)


def _is_denied(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")


def _git(*arguments: str) -> None:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CommandError(f"{' '.join(command)} failed: {done.stderr.strip()}")
