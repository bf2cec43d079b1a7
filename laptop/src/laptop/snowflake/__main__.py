"""Start the stand-in: `python -m laptop.snowflake --port 8084 --state-dir .local/snowflake`."""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from laptop.cloud.lifeline import end_with_owner
from laptop.snowflake.engine import open_engine
from laptop.snowflake.lake import S3Lake
from laptop.snowflake.loading.error_tables import PIPE_DELAY
from laptop.snowflake.queue import SqsQueue
from laptop.snowflake.server import Server

logger = logging.getLogger("laptop.snowflake")
_HISTORY_DELAY = dt.timedelta(seconds=2)


def main() -> None:
    """Serve Snowflake's protocol until SIGTERM or the end of standard input; AWS_ENDPOINT_URL has lake and queue."""
    end_with_owner()
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint_url:
        sys.exit("AWS_ENDPOINT_URL must name the emulator: the stand-in never talks to AWS itself")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        sys.exit("AWS_REGION must name the emulator's region")
    public_key = arguments.admin_public_key
    engine = open_engine(
        arguments.state_dir,
        lake=S3Lake(endpoint_url=endpoint_url, region=region),
        make_queue=lambda name: SqsQueue(name=name, endpoint_url=endpoint_url, region=region),
        admin_public_key=public_key.read_text(encoding="ascii") if public_key else None,
        history_delay=_HISTORY_DELAY,
        error_table_delay=dt.timedelta(seconds=arguments.error_table_seconds),
        region=region,
    )
    server = Server(engine, port=arguments.port)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    server.start()
    logger.info("listening port=%d", server.port)
    ended.wait()
    server.stop()
    logger.info("stopped")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m laptop.snowflake", description=__doc__)
    parser.add_argument(
        "--port", type=int, required=True, help="the loopback port to serve on; 0 for a free one"
    )
    parser.add_argument(
        "--state-dir", type=Path, required=True, help="folder for objects, rows and load history"
    )
    parser.add_argument(
        "--admin-public-key", type=Path, help="PEM file; at the first start, the key of the user ADMIN"
    )
    parser.add_argument(
        "--error-table-seconds",
        type=float,
        default=PIPE_DELAY.total_seconds(),
        help="time until an existing pipe uses an error table",
    )
    return parser


if __name__ == "__main__":
    main()
