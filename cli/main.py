"""Entry point of `clickstream`."""

from __future__ import annotations

import typer

from cli.commands import bootstrap, cloud, demo, plan, query, rotation, send, status
from cli.entry import run
from cli.targets import load_contract, resolve_target

app = typer.Typer(
    name="clickstream",
    help="Click events from AWS into Snowflake: try it on this laptop, send events, ask for rows.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(demo.demo)
app.command()(cloud.up)
app.command()(cloud.down)
app.command()(status.status)
app.command()(cloud.env)
send.register(app, resolve_target=resolve_target, load_contract=load_contract)
app.command()(query.query)
app.command("bootstrap-sql")(bootstrap.print_bootstrap_sql)
app.command()(plan.plan)
app.command("rotate-login")(rotation.rotate_login)
app.command("rotate-access-key")(rotation.rotate_access_key)


def main() -> None:
    """Run the command."""
    run(app)


if __name__ == "__main__":
    main()
