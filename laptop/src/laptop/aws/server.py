"""The emulator as a process: serve until a signal, leave nothing running."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from typing import NoReturn

import psutil
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack

from laptop.aws import additions, alarms, firehose
from laptop.aws.background import Background, every
from laptop.aws.control import with_control
from laptop.aws.faults.requests import with_faults
from laptop.aws.metrics import store
from laptop.aws.settings import EmulatorSettings
from laptop.cloud.gate import gated
from laptop.cloud.ports import LOOPBACK

logger = logging.getLogger("laptop.aws")

# Time to finish open requests; a pending custom resource would hold one for an hour.
_DRAIN_SECONDS = 0.5
_TIDY_EVERY_SECONDS = 60.0


def run(settings: EmulatorSettings) -> NoReturn:
    """Serve on loopback until SIGTERM or SIGINT."""
    additions.install_all(settings)
    background = Background(
        firehose.publish_gauges, alarms.evaluate_all, every(_TIDY_EVERY_SECONDS, store.tidy)
    )
    try:
        asyncio.run(_serve_and_end(settings, background))
    except OSError as error:
        logger.error("cannot serve on %s: %s", settings.endpoint, error)
    _end(1)


async def _serve_and_end(settings: EmulatorSettings, background: Background) -> NoReturn:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stop.set)
    draining = asyncio.Event()
    app = gated(with_control(with_faults(ministack.app)))
    serving = asyncio.create_task(serve(app, _hypercorn(settings), shutdown_trigger=draining.wait))
    stopping = asyncio.create_task(stop.wait())
    background.start()
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()
    logger.info("stopping")
    draining.set()
    await asyncio.wait({serving}, timeout=_DRAIN_SECONDS)
    # Returning would wait for all worker threads.
    _end(0)


def _hypercorn(settings: EmulatorSettings) -> Config:
    config = Config()
    config.bind = [f"{LOOPBACK}:{settings.port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = _DRAIN_SECONDS / 2
    config.loglevel = "WARNING"
    return config


def _end(status: int) -> NoReturn:
    """End the process and everything it started, at once."""
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    logging.shutdown()
    sys.stdout.flush()
    os._exit(status)
