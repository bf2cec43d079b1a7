"""`clickstream cost`: a month's bill of an environment, before it is deployed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import DEFAULT_ENV, AsJson, Env
from cli.output import note, print_json, step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.cost.alternatives import Alternative, Priced
    from cli.cost.prices import Prices

TOO_LATE = 3
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def cost(
    env: Env = DEFAULT_ENV,
    events_per_second: Annotated[
        float, typer.Option(min=0, help="Events a second, on average, of all kinds together.")
    ] = 100,
    size: Annotated[int, typer.Option("--bytes", min=2, help="Size of an event with its newline.")] = 400,
    producers: Annotated[
        int, typer.Option(min=1, help="Processes that send them; each fills its own records.")
    ] = 1,
    peak: Annotated[
        float, typer.Option(min=1, help="The busiest minute's rate, as a multiple of the average.")
    ] = 2,
    freshness: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Name the cheapest alternative with rows within 90s, 5m, …",
            show_default="as fresh as configured",
        ),
    ] = None,
    prices_file: Annotated[
        Path | None,
        typer.Option("--prices", help="Other prices and assumptions, in TOML.", dir_okay=False),
    ] = None,
    assembly: Annotated[
        Path | None,
        typer.Option(help="Templates of an earlier `cdk synth`, without alternatives.", file_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print what an environment will cost in a month, line by line, and what alternatives would.

    Nothing is deployed and no account is read. Alarms, functions, keys, schedules and all other resources are counted
    in the templates, which are synthesized for the environment and for each alternative: other sources, other buffer
    intervals, a rarer look at the load history, no gate, producers that do not pack. The cheapest is named among those
    that keep all guarantees.

    Prices are list prices of us-east-1. The file cli/cost/prices.toml has each one with its date and source; --prices
    replaces those that differ for you:

    \b
    region = "eu-central-1"
    [firehose.usd]
    "GB" = 0.033
    [snowflake.usd]
    "credit" = 2.60

    \b
    Examples
    clickstream cost --env prod --events-per-second 1000 --bytes 400
    clickstream cost --env prod --events-per-second 1000 --freshness 5m
    clickstream cost --env prod --events-per-second 50 --producers 20 --json
    clickstream cost --env dev --assembly cdk.out --prices my-prices.toml

    \b
    Exit codes
    0    printed
    1    the templates cannot be synthesized
    2    wrong usage, or prices that cannot be used
    3    printed, but no alternative keeps --freshness
    130  interrupted
    """
    from cli.cost import shown
    from cli.cost.alternatives import alternatives, cheapest_within
    from cli.cost.prices import load_prices
    from cli.cost.traffic import Traffic
    from cli.deployment import load_env

    limit = _seconds(freshness)
    prices = load_prices(prices_file)
    traffic = Traffic(events_per_second=events_per_second, bytes=size, producers=producers, peak=peak)
    first, *rest = alternatives(load_env(env), traffic)
    configured, *others = _priced(env, first, rest, assembly, prices)
    within = configured.seconds if limit is None else limit
    cheapest = cheapest_within(within, [configured, *others])
    if as_json:
        document = shown.as_json(env, traffic, configured, others, prices)
        print_json({**document, "freshness": within, "cheapest": cheapest and cheapest.alternative.name})
    else:
        shown.print_bill(env, traffic, configured, prices)
        if others:
            shown.print_alternatives(configured, others, prices)
        for message in shown.notes(configured, prices):
            note(f"note: {message}")
        if others and cheapest:
            shown.print_cheapest(cheapest, configured, within)
    if not cheapest:
        freshest = min([configured, *others], key=lambda each: each.seconds)
        note(
            f"no alternative has its rows within {within:,.0f} s; the freshest is {freshest.alternative.name}, with "
            f"{freshest.seconds:,.0f} s"
        )
        raise typer.Exit(TOO_LATE)


def _priced(
    env: str, first: Alternative, rest: Sequence[Alternative], assembly: Path | None, prices: Prices
) -> list[Priced]:
    """The bill of the environment, from given templates or from new ones; in the latter case also of alternatives."""
    from cli.cost.alternatives import price, priced
    from cli.plan.templates import read_assembly

    if assembly:
        return [price(first, [stack.template for stack in read_assembly(assembly, env)], prices)]
    with step(f"templates of environment {env} and {len(rest)} alternatives"):
        return priced([first, *rest], prices)


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d+)([smh]?)", text)
    if not found:
        raise typer.BadParameter(f"--freshness {text!r} is no time such as 90s, 5m or 1h")
    return int(found[1]) * _SECONDS[found[2]]
