"""Runs of the monitor against a Snowflake that works, and one that has faults."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clickstream_wire.folders import HOUR_FOLDER
from laptop.testing.snowflake import KeyPair
from laptop.testing.stand_in import Notification, Pipe, now
from laptop.testing.waiting import eventually
from pipeline_monitor import handler
from pipeline_monitor.canary_event import canary_line
from snowflake_setup.session.connection import SnowflakeSession
from snowflake_setup.session.session import Row
from snowflake_setup.sql.base import Statement
from tests.faults.monitoring import PIPE, TABLE, WATCHED, Run, deployed, run_monitor
from tests.faults.templates import BUCKET, PREFIX
from tests.faults.world import CONFIG, World

GONE = {**WATCHED[0], "events": "orders", "pipe": {**WATCHED[0]["pipe"], "Name": "GONE_PIPE"}}


@pytest.fixture(scope="module")
def key() -> KeyPair:
    return KeyPair()


@pytest.fixture(scope="module")
def there(key: KeyPair) -> Iterator[World]:
    """A landing for the tests after which it is as before, except for more loaded files."""
    with deployed(key) as made:
        yield made


@pytest.fixture
def unused(key: KeyPair) -> Iterator[World]:
    """A landing for one test."""
    with deployed(key) as made:
        yield made


def fault(there: World, **fault: Any) -> None:
    url = f"http://127.0.0.1:{there.account.server.port}/faults"
    request = urllib.request.Request(url, data=json.dumps([fault]).encode(), method="POST")
    urllib.request.urlopen(request).close()  # noqa: S310


def land(there: World, name: str, *lines: bytes) -> None:
    """Put a file into the lake, and its notification into the queue."""
    there.account.lake.put(BUCKET, f"{PREFIX}{name}", b"\n".join(lines))
    there.account.queue.send(Notification(BUCKET, f"{PREFIX}{name}", now()))


def handled(there: World, files: int) -> None:
    history = there.engine.loader.history
    (pipe,) = there.engine.catalog.all(Pipe)
    eventually(lambda: len(history.seen_by_pipe(pipe)) == files)


def test_metrics_match_the_files_rows_and_canaries(unused: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = datetime.now(UTC) - timedelta(seconds=40)
    event = b'{"event_id": "e-%d", "event_type": "click"}'
    land(unused, "good.json", event % 1, event % 2, canary_line(sent, "clicks"))
    land(unused, "half.json", event % 3, b"garbage", event % 4)
    land(unused, "bad.json.gz", b"no gzip at all")
    handled(unused, 3)

    def settled() -> Run | None:
        evolving = [{**WATCHED[0], "schema_evolution": True}]
        run = run_monitor(monkeypatch, "history", unused.settings, window=2, watched=evolving)
        assert run.failure == ""
        return run if run.published["clicks", "EndToEndLatencyP95"] else None

    run = eventually(settled)
    told = {metric: values for (_, metric), values in run.published.items()}
    sums = {metric: sum(told[metric]) for metric in ("FilesLoaded", "FilesFailed", "RowsLoaded")}
    assert sums == {"FilesLoaded": 2, "FilesFailed": 1, "RowsLoaded": 4}
    assert sum(told["RowsRejected"]) >= 1
    assert told["NewColumns"] == [1], "the canary has a field without a column"
    assert sum(told["BytesLoaded"]) > 0
    assert 40 <= told["EndToEndLatencyP95"][-1] <= told["EndToEndFreshness"][0] < 100
    assert all(0 <= seconds < 30 for seconds in told["LoadLatencyP95"])


def test_runs_wake_the_warehouse_only_to_compare(unused: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The load history by REST is that of the table function; the lake's files are loaded, but for one."""
    land(unused, "good.json", b'{"event_id": "e-1"}', b"garbage")
    land(unused, "bad.json.gz", b"no gzip at all")
    handled(unused, 2)
    loaded, meter = datetime.now(UTC), unused.engine.meter
    meter.clock = lambda: time.time() + 3600  # the deployment's warehouse is suspended by now
    folder = f"{PREFIX}{loaded:{HOUR_FOLDER}}"

    def run(before: datetime | None, *names: str) -> Run:
        lake = {f"{folder}{name}": loaded - timedelta(seconds=90) for name in names}
        evolving = [{**WATCHED[0], "schema_evolution": True}]
        done = run_monitor(
            monkeypatch, "history", unused.settings, lake=lake, before=before, watched=evolving, window=60
        )
        assert done.failure == ""
        return done

    def billed() -> float:
        users = meter.seconds().get(CONFIG.snowflake.warehouse, {})
        return float(users.get(CONFIG.snowflake.monitor_user, 0))

    free = run(loaded)
    assert billed() == 0
    assert "warehouse asked" not in free.log
    complete = run(None)
    assert billed() == 60
    for metric in ("FilesFailed", "RowsRejected", "NewColumns"):
        assert free.published["clicks", metric] == complete.published["clicks", metric]
    for metric in ("FilesLoaded", "RowsLoaded", "BytesLoaded"):
        assert sum(free.published["clicks", metric]) == sum(complete.published["clicks", metric]) > 0
    assert "lost.json" in run(loaded - timedelta(minutes=5), "lost.json").log


def test_a_source_that_needs_a_warehouse_is_refused_and_does_not_wake_it_unseen(
    there: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page says that SYSTEM$ functions need none: their session has none, and the comparison's has."""
    used = list[str | None]()

    class Recorded(SnowflakeSession):
        def execute(self, statement: Statement, keep: Callable[[Row], bool] | None = None) -> list[Row]:
            used.append(self._settings.warehouse)
            return super().execute(statement, keep)

    monkeypatch.setattr(handler, "SnowflakeSession", Recorded)
    fault(there, kind="error", errno=606, message="No active warehouse selected", match="LAST_CHANGE")
    run = run_monitor(monkeypatch, "history", there.settings, before=datetime.now(UTC))
    assert (run.failure, run.published["clicks", "CompleteComparisons"]) == ("", [1])
    assert "WarehouseNeededError" in run.log
    assert used[0] is None
    assert set(used[1:]) == {CONFIG.snowflake.warehouse}


def test_a_load_history_that_is_refused_wakes_the_warehouse(
    there: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(there, kind="http_429", match="loadHistoryScan")
    run = run_monitor(monkeypatch, "history", there.settings, before=datetime.now(UTC))
    assert (run.failure, run.published["clicks", "CompleteComparisons"]) == ("", [1])
    assert "the Snowpipe REST API answers 429" in run.log


def test_a_paused_pipe_is_reported_with_the_age_of_its_oldest_file(
    unused: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unused.run("ACCOUNTADMIN", f"ALTER PIPE {PIPE} SET PIPE_EXECUTION_PAUSED = TRUE")
    unused.land()

    def waiting() -> Run | None:
        run = run_monitor(monkeypatch, "status", unused.settings)
        return run if run.published["clicks", "PendingFiles"] == [1] else None

    run = eventually(waiting)
    assert run.published["clicks", "PipeRunning"] == [0]
    assert 0 <= run.published["clicks", "OldestPendingFileAge"][0] < 10


def test_a_file_that_was_not_announced_is_missing_until_it_is_and_so_after_a_replacement(
    unused: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = f"{PREFIX}{datetime.now(UTC):{HOUR_FOLDER}}lost.json"
    landed = datetime.now(UTC) - timedelta(minutes=2)
    unused.account.lake.put(BUCKET, key, b'{"event_id": "lost"}')

    def missing() -> list[float]:
        run = run_monitor(monkeypatch, "history", unused.settings, lake={key: landed})
        assert run.failure == ""
        return run.published["clicks", "FilesMissing"]

    assert missing() == [1]
    unused.run("ACCOUNTADMIN", f"ALTER PIPE {PIPE} REFRESH")
    handled(unused, 1)
    assert missing() == [0]
    (pipe,) = unused.engine.catalog.all(Pipe)
    unused.run("ACCOUNTADMIN", f"CREATE OR REPLACE PIPE {PIPE} AUTO_INGEST = TRUE AS {pipe.definition}")
    unused.run("ACCOUNTADMIN", f'GRANT MONITOR ON PIPE {PIPE} TO ROLE "{CONFIG.snowflake.monitor_role}"')
    handled(unused, 0)
    assert missing() == [0]


@pytest.mark.parametrize("kind", ["http_503", "expired_session", "lost_answer"])
@pytest.mark.parametrize("job", ["status", "history"])
def test_transient_faults_are_not_reported(
    there: World, monkeypatch: pytest.MonkeyPatch, job: str, kind: str
) -> None:
    there.land()
    handled(there, there.sent)
    fault(there, match="SELECT", kind=kind)
    run = run_monitor(monkeypatch, job, there.settings)
    assert run.failure == ""
    assert run.published


def test_a_missing_pipe_is_named_and_the_others_are_reported(
    there: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_monitor(monkeypatch, "status", there.settings, watched=[GONE, *WATCHED])
    assert run.published["clicks", "PipeRunning"] == [1]
    assert not [metric for events, metric in run.published if events == "orders"]
    assert "could not determine status for orders: ObjectMissingError" in run.failure
    assert "GONE_PIPE" in run.failure


def test_a_statement_without_an_answer_times_out(there: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fault(there, match="GONE_PIPE", kind="hang", seconds=120)
    started = time.monotonic()
    run = run_monitor(monkeypatch, "status", there.settings, seconds=40, watched=[GONE, *WATCHED])
    assert time.monotonic() - started < 40
    assert run.published["clicks", "PipeRunning"] == [1]
    assert "orders" in run.failure


def test_a_refused_login_is_reported_once(unused: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unused.run("ACCOUNTADMIN", 'ALTER USER "CLICKSTREAM_LOCAL_MONITOR" SET DISABLED = TRUE')
    run = run_monitor(monkeypatch, "status", unused.settings, watched=[GONE, *WATCHED])
    assert run.published == {}
    assert run.failure.count("login of CLICKSTREAM_LOCAL_MONITOR to local") == 2
    assert run.log.count("statement refused") == 1, "the second was not tried"


def test_no_secret_reaches_the_log(there: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fault(there, match=TABLE, kind="error", message="fault on request")
    runs = [run_monitor(monkeypatch, job, there.settings) for job in ("history", "status")]
    assert "fault on request" in runs[0].failure
    told = " ".join(run.log + run.failure for run in runs)
    assert not [secret for secret in there.secrets if secret in told]
    lines = [json.loads(line) for run in runs for line in run.log.splitlines()]
    assert {line["job"] for line in lines} == {"history", "status"}
