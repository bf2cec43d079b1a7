"""Start the page: `python -m laptop.page --port 8085 --state-dir .local/page …`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config

from laptop.cloud.gate import gated
from laptop.cloud.lifeline import end_with_owner
from laptop.cloud.ports import LOOPBACK
from laptop.page.api import Api
from laptop.page.app import create_app
from laptop.page.documentation import Documentation
from laptop.page.emulator import Emulator
from laptop.page.stand_in import StandIn

logger = logging.getLogger("laptop.page")


def main() -> None:
    """Serve on loopback until SIGTERM or the end of standard input; the emulator is at AWS_ENDPOINT_URL."""
    end_with_owner()
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # It logs a line for every request, and the page sends one every other second.
    logging.getLogger("snowflake.connector").setLevel(logging.WARNING)
    if not os.environ.get("AWS_ENDPOINT_URL"):
        sys.exit("AWS_ENDPOINT_URL must name the emulator: the page never talks to AWS itself")
    # The connector would query cloud metadata addresses to find out where it runs.
    os.environ["SNOWFLAKE_DISABLE_PLATFORM_DETECTION"] = "true"
    asyncio.run(_serve(arguments))
    logging.shutdown()
    # A normal exit would make the connector log out of a stand-in that is being stopped as well.
    os._exit(0)


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stop.set)
    stand_in = StandIn(port=arguments.snowflake_port, private_key=arguments.admin_private_key)
    documentation = Documentation(arguments.docs)
    api = Api(Emulator(), stand_in, documentation)
    uplot = arguments.node_modules / "uplot" / "dist"
    app = gated(create_app(api, documentation, uplot=uplot), has_page=True)
    config = Config()
    config.bind = [f"{LOOPBACK}:{arguments.port}"]
    config.graceful_timeout = 0.5
    config.loglevel = "WARNING"
    logger.info("listening port=%d", arguments.port)
    await serve(app, config, shutdown_trigger=stop.wait)
    logger.info("stopped")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m laptop.page", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the loopback port to serve on")
    parser.add_argument(
        "--state-dir", type=Path, required=True, help="required of every server; the page stores nothing"
    )
    parser.add_argument("--snowflake-port", type=int, required=True, help="the stand-in's port")
    parser.add_argument(
        "--admin-private-key", type=Path, required=True, help="PEM file, of the stand-in's user ADMIN"
    )
    parser.add_argument("--node-modules", type=Path, required=True, help="has uPlot, which draws the charts")
    parser.add_argument("--docs", type=Path, help="the Markdown pages that alarms link to")
    return parser


if __name__ == "__main__":
    main()
