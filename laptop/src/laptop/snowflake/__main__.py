"""Start the stand-in: `python -m laptop.snowflake --port 8084 --state-dir .local/snowflake`."""

from __future__ import annotations

import logging
import os
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from laptop.cloud.parent import at_end_of_stdin
from laptop.snowflake.engine import open_engine
from laptop.snowflake.lake import S3Lake
from laptop.snowflake.queue import SqsQueue
from laptop.snowflake.server import Server

logger = logging.getLogger("laptop.snowflake")


def main(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")],
    state_dir: Annotated[Path, typer.Option(help="Where objects, rows and history are kept.")],
    admin_public_key: Annotated[
        Path | None, typer.Option(help="PEM file; at the first start, the key of the user ADMIN.")
    ] = None,
    watch_stdin: Annotated[bool, typer.Option(help="Stop when standard input ends.")] = False,
) -> None:
    """Serve Snowflake's protocol until SIGTERM; the lake and the queue are at AWS_ENDPOINT_URL."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint_url:
        raise typer.BadParameter(
            "AWS_ENDPOINT_URL must name the emulator: the stand-in never talks to AWS itself"
        )
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise typer.BadParameter("AWS_REGION must name the region that the emulator plays")
    engine = open_engine(
        state_dir,
        lake=S3Lake(endpoint_url=endpoint_url, region=region),
        make_queue=lambda name: SqsQueue(name=name, endpoint_url=endpoint_url, region=region),
        admin_public_key=admin_public_key.read_text(encoding="ascii") if admin_public_key else None,
    )
    server = Server(engine, port=port)
    ended = _ended(watch_stdin=watch_stdin)
    server.start()
    logger.info("listening port=%d", server.port)
    ended.wait()
    server.stop()
    logger.info("stopped")


def _ended(*, watch_stdin: bool) -> threading.Event:
    """Set once it is time to go: a signal, or the end of standard input when the parent dies."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())

    if watch_stdin:
        at_end_of_stdin(ended.set)
    return ended


if __name__ == "__main__":
    typer.run(main)
