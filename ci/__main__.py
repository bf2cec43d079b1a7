"""`python -m ci diff|deploy|destroy ENV`: the steps behind the Makefile's verbs, for the templates in cdk.out/."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ci.compare import compare
from ci.login import in_pipeline, logged_in
from cli.cost.traffic import Traffic
from config import ROOT
from config.files import ConfigError, load_config
from config.model import PipelineConfig


def main() -> None:
    """Run one verb; a user's mistake ends with a message, never a traceback."""
    parser = argparse.ArgumentParser(prog="python -m ci")
    parser.add_argument("verb", choices=("diff", "deploy", "destroy"))
    parser.add_argument("env", help="the environment")
    parser.add_argument("--app", type=Path, default=ROOT / "cdk.out", help="the folder of its templates")
    parser.add_argument("--base", help="diff: compare with the templates of this commit")
    parser.add_argument(
        "--events-per-second", type=float, default=100, help="diff with --base: what the cost is computed for"
    )
    parser.add_argument("--bytes", type=int, default=400, help="the size of such an event")
    arguments = parser.parse_args()
    try:
        config = load_config(arguments.env, chosen_with="ENV=…")
    except ConfigError as error:
        sys.exit(str(error))
    if arguments.verb == "diff" and arguments.base:
        traffic = Traffic(events_per_second=arguments.events_per_second, bytes=arguments.bytes)
        compare(config, stacks_of(config), arguments.app, arguments.base, traffic)
    else:
        {"diff": diff, "deploy": deploy, "destroy": destroy}[arguments.verb](config, arguments.app)


def stacks_of(config: PipelineConfig) -> list[str]:
    """All stacks except Ci, which an administrator deploys since it determines what pipelines may do."""
    return [name for name in config.names.stacks if name != config.names.stack("Ci")]


def diff(config: PipelineConfig, app: Path) -> None:
    """Show what a deployment of the templates would change."""
    with logged_in(config, "diff") as variables:
        _run_cdk(config, "diff", "--app", str(app), "--method", "template", variables=variables)


def deploy(config: PipelineConfig, app: Path) -> None:
    """Deploy the templates as they are; at a terminal, ask before permissions are broadened."""
    # The CLI can deploy several stacks in parallel only if it does not have to ask.
    options = ["never", "--concurrency", "4"] if in_pipeline() else ["broadening"]
    options = ["--app", str(app), "--progress", "events", "--require-approval", *options]
    with logged_in(config, "deploy", by_hand=config.production) as variables:
        _run_cdk(config, "deploy", *options, variables=variables)


def destroy(config: PipelineConfig, app: Path) -> None:
    """Delete the stacks of an environment, never production; events are kept unless both deletion switches are set."""
    if config.production:
        sys.exit(
            f"environment {config.env} is production (production = true in config/{config.env}.toml): "
            "no verb destroys it, and its stacks refuse to be deleted"
        )
    options = ["--force"] if in_pipeline() else []
    with logged_in(config, "deploy", by_hand=True) as variables:
        _run_cdk(config, "destroy", "--app", str(app), *options, variables=variables)


def _run_cdk(config: PipelineConfig, verb: str, *options: str, variables: Mapping[str, str]) -> None:
    command = [str(ROOT / "node_modules/.bin/cdk"), verb, *stacks_of(config), "--no-notices", *options]
    code = subprocess.run(command, env=dict(variables), cwd=ROOT, check=False).returncode  # noqa: S603
    if code:
        hint = f"if it found no such stack, run `make synth ENV={config.env}` first"
        sys.exit(f"cdk {verb} failed with exit code {code}; {hint}")


if __name__ == "__main__":
    main()
