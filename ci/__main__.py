"""`python -m ci …`: what `make environment`, `diff`, `deploy`, `destroy`, `ci-local` and `nag` run."""

from __future__ import annotations

import typer

from ci import code_quality, deploy, destroy, diff, env, local
from cli.main import run

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command()(env.env)
app.command()(diff.diff)
app.command()(deploy.deploy)
app.command()(destroy.destroy)
app.command()(local.local)
app.command()(code_quality.code_quality)


if __name__ == "__main__":
    run(app)
