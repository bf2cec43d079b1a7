"""The gate's function with faults: it raises, runs out of memory, times out, or is throttled, at random."""

from __future__ import annotations

import io
import threading
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.laptop import Laptop

_TIMEOUT_SECONDS = 2
_THROTTLED_EVERY_SECONDS = 3.0
_FAULTS = f"""
import os, random, time
from event_gate.handler import on_records as without_faults

def on_records(request, context):
    fault = random.random()
    if fault < 0.05:
        raise RuntimeError("a fault")
    if fault < 0.1:
        os._exit(137)  # as if out of memory
    if fault < 0.15:
        time.sleep({_TIMEOUT_SECONDS + 1})
    answer = without_faults(request, context)
    if fault > 0.95:
        time.sleep({_TIMEOUT_SECONDS + 1})  # its rejects are written, and will be again
    return answer
"""


@contextmanager
def faulty_gate(laptop: Laptop, function: str) -> Iterator[None]:
    """Give the function faults while the block runs."""
    client = laptop.client("lambda")
    before = client.get_function(FunctionName=function)
    code = urllib.request.urlopen(before["Code"]["Location"]).read()  # noqa: S310 - the emulator's own address
    over = threading.Event()
    client.update_function_code(FunctionName=function, ZipFile=_with(code, "faults.py", _FAULTS))
    client.update_function_configuration(
        FunctionName=function, Handler="faults.on_records", Timeout=_TIMEOUT_SECONDS
    )
    throttling = threading.Thread(target=_throttle, args=(laptop.client("lambda"), function, over))
    throttling.start()
    try:
        yield
    finally:
        over.set()
        throttling.join()
        client.update_function_configuration(
            FunctionName=function,
            Handler=before["Configuration"]["Handler"],
            Timeout=before["Configuration"]["Timeout"],
        )
        client.update_function_code(FunctionName=function, ZipFile=code)


def _throttle(client: Any, function: str, over: threading.Event) -> None:
    while not over.wait(_THROTTLED_EVERY_SECONDS):
        client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
        over.wait(_THROTTLED_EVERY_SECONDS / 3)
        client.delete_function_concurrency(FunctionName=function)


def _with(code: bytes, name: str, text: str) -> bytes:
    """The zip with one more file."""
    archive = io.BytesIO(code)
    with zipfile.ZipFile(archive, "a") as bundle:
        bundle.writestr(name, text)
    return archive.getvalue()
