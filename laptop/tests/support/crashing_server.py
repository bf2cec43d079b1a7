"""A stand-in that is killed while it loads notified files, between a file's rows and its load history.

Run as `python crashing_server.py STATE_DIR PUBLIC_KEY_FILE FILES DIES_AT`.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from laptop.snowflake.engine import Engine, open_engine
from laptop.snowflake.executor import execute
from laptop.snowflake.loading.history import LoadHistory
from laptop.snowflake.objects import now
from laptop.snowflake.queue import Notification
from laptop.snowflake.session import Session
from laptop.snowflake.sql.parser import parse
from laptop.testing.snowflake import LANDING, PIPE, MemoryLake, MemoryQueue

ROWS = 50


def filled_lake(files: int) -> MemoryLake:
    lake = MemoryLake()
    for number in range(files):
        lines = [json.dumps({"event_id": f"{number}-{row}"}) for row in range(ROWS)]
        lake.put("lake", f"events/{number}.json.gz", gzip.compress("\n".join(lines).encode()))
    return lake


def prepare(engine: Engine) -> None:
    session = Session(1, "ADMIN", "SYSADMIN")
    for sql in (*LANDING, PIPE):
        execute(engine, session, parse(sql))


def main(state_dir: str, public_key: str, files: int, dies_at: int) -> None:
    lake = filled_lake(files)
    engine = open_engine(
        Path(state_dir),
        lake=lake,
        make_queue=lambda _: MemoryQueue(),
        admin_public_key=Path(public_key).read_text(encoding="ascii"),
    )
    prepare(engine)
    engine.pipes.notify(Notification("lake", f"events/{number}.json.gz", now()) for number in range(files))
    record, seen = LoadHistory.record, itertools.count(1)

    def dying_record(*arguments: Any) -> None:
        # The rows are inserted, the load history is not: the worst moment.
        if next(seen) == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        record(*arguments)

    LoadHistory.record = dying_record  # type: ignore[method-assign, assignment]
    engine.pipes.run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
