"""The emulator's quotas and faults, changed for a test."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from laptop.testing.aws import Emulator

_MUCH = 10**9
UNLIMITED = {
    "kinesis_shard": {"bytes_per_second": _MUCH, "records_per_second": _MUCH},
    "firehose_direct_put": {"bytes_per_second": _MUCH, "records_per_second": _MUCH, "puts_per_second": _MUCH},
}


class Control:
    """An address of an emulator such as `/_laptop/limits`."""

    def __init__(self, emulator: Emulator, path: str) -> None:
        self._url = f"http://127.0.0.1:{emulator.port}/_laptop/{path}"

    def __call__(self, method: str, document: Any = None) -> Any:
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self._url, data=body, method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - loopback
            return json.load(answer)
