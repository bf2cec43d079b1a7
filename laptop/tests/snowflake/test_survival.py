"""Restarts, crashes, and the end of the parent process."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import crashing_server
import pytest
from crashing_server import ROWS, filled_lake
from snowflake.connector.errors import DatabaseError

from laptop.snowflake.engine import open_engine
from laptop.testing.snowflake import Account, KeyPair, MemoryQueue, Rows, runner
from laptop.testing.waiting import eventually

Run = Callable[..., Rows]
FILES = 40


def test_everything_survives_a_restart(account: Account, piped: Run, other_key: KeyPair) -> None:
    piped(
        "USE ROLE USERADMIN",
        "CREATE ROLE R",
        f"CREATE USER U RSA_PUBLIC_KEY = '{other_key.public_body}' DEFAULT_ROLE = R",
        "GRANT ROLE R TO USER U",
        "USE ROLE SYSADMIN",
        "GRANT USAGE ON DATABASE DB TO ROLE R",
        'ALTER PIPE "DB"."RAW"."PIPE" SET PIPE_EXECUTION_PAUSED = TRUE',
    )
    account.put("a.json", b'{"event_id": "a", "extra": 1}')
    eventually(lambda: 'pendingFileCount": 1' in str(piped("SELECT SYSTEM$PIPE_STATUS('DB.RAW.PIPE') AS S")))
    account.restart()
    again = runner(account.connect(role="SYSADMIN"))
    again('ALTER PIPE "DB"."RAW"."PIPE" SET PIPE_EXECUTION_PAUSED = FALSE')
    eventually(lambda: again("SELECT EVENT_ID FROM DB.RAW.CLICKS"))
    assert again("SELECT EVENT_ID, EXTRA FROM DB.RAW.CLICKS") == [{"EVENT_ID": "a", "EXTRA": 1}]
    account.notify("a.json")
    account.restart()
    again = runner(account.connect("U", other_key))
    assert again("SELECT CURRENT_ROLE() AS R") == [{"R": "R"}]
    assert [row["name"] for row in again("SHOW DATABASES")] == ["DB"]
    counted = runner(account.connect(role="SYSADMIN"))
    assert counted("SELECT COUNT(*) AS N FROM DB.RAW.CLICKS") == [{"N": 1}]


def test_an_old_session_must_log_in_again_after_a_restart(account: Account, run: Run) -> None:
    old = account.connect()
    port = account.server.port
    account.server.stop()
    account.server = account.serve(port)
    with pytest.raises(DatabaseError) as caught:
        runner(old)("SELECT 1 AS A")
    assert caught.value.errno == 390111


def test_only_its_owner_can_read_the_state(account: Account, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


@pytest.mark.parametrize("dies_at", [1, 7, 23])
def test_a_kill_during_a_load_loses_and_duplicates_nothing(
    tmp_path: Path, admin_key: KeyPair, dies_at: int
) -> None:
    key = tmp_path / "admin.pem"
    key.write_text(admin_key.public_pem)
    arguments = [str(tmp_path / "s"), str(key), str(FILES), str(dies_at)]
    command = [sys.executable, crashing_server.__file__, *arguments]
    assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL
    engine = open_engine(tmp_path / "s", lake=filled_lake(FILES), make_queue=lambda _: MemoryQueue())
    tables = engine.store.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'data'")
    counted = f'SELECT count(*), count(DISTINCT "EVENT_ID") FROM data."{tables[0][0]}"'
    history = "SELECT count(*), sum(row_count), count(DISTINCT path) FROM account.load_history"
    before = engine.store.rows(history)[0], engine.store.rows(counted)[0]
    engine.pipes.run()
    after = engine.store.rows(history)[0], engine.store.rows(counted)[0]
    engine.close()
    done = dies_at - 1
    assert before == ((done, done * ROWS or None, done), (done * ROWS, done * ROWS))
    assert after == ((FILES, FILES * ROWS, FILES), (FILES * ROWS, FILES * ROWS))


@pytest.fixture
def process(tmp_path: Path, admin_key: KeyPair) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The real command, without a running emulator."""
    key = tmp_path / "admin.pem"
    key.write_text(admin_key.public_pem)
    log = tmp_path / "log"
    environment = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "eu-west-1"}
    environment |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    command = [sys.executable, "-m", "laptop.snowflake", "--port", "0"]
    command += ["--state-dir", str(tmp_path / "s"), "--admin-public-key", str(key)]
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=environment
        )
    line = eventually(
        lambda: next((x for x in log.read_text().splitlines() if "listening port=" in x), ""), within=20
    )
    yield child, line.rpartition("=")[2]
    child.kill()
    child.communicate()


def test_it_is_healthy_and_stops_quickly_on_sigterm(process: tuple[subprocess.Popen[bytes], str]) -> None:
    child, port = process
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
        assert json.load(answer) == {"status": "ok"}
    child.send_signal(signal.SIGTERM)
    assert child.wait(timeout=3) == 0


def test_it_stops_when_its_parent_closes_stdin(process: tuple[subprocess.Popen[bytes], str]) -> None:
    child, _ = process
    assert child.stdin
    child.stdin.close()
    assert child.wait(timeout=3) == 0


def test_it_refuses_to_start_without_an_emulator(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "AWS_ENDPOINT_URL"}
    command = [sys.executable, "-m", "laptop.snowflake", "--port", "0", "--state-dir", str(tmp_path / "s")]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        assert b"AWS_ENDPOINT_URL" in child.stderr.read()
        assert child.wait(timeout=5) == 1
