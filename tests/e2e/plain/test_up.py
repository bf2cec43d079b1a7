"""`make up` and the usual commands after it, in the order a user would run them."""

from __future__ import annotations

import json
import signal

from tests.e2e.laptop import PATIENCE_SECONDS, Laptop, as_json, eventually
from tests.e2e.plain.conftest import ENV


def test_an_interrupted_up_leaves_nothing_running(plain: Laptop) -> None:
    up = plain.start("up", "--env", ENV)
    # The servers run, and the CDK begins to deploy.
    begun = plain.state / "up" / "logs" / "cdk-deploy.log"
    eventually(lambda: begun.exists() or up.poll() is not None)
    up.send_signal(signal.SIGINT)
    _, messages = up.communicate(timeout=PATIENCE_SECONDS)
    assert up.returncode == 130, messages
    eventually(lambda: plain.processes() == [])
    assert "not running" in plain.run("status", "--env", ENV, code=1)


def test_an_unfinished_deployment_is_reported_and_status_still_works(plain: Laptop) -> None:
    cloud = plain.cloud
    cloud.start()
    cloud.detach()
    told = "no deployment to the laptop cloud has finished: run `make up` again"
    assert told in plain.run("send", "--count", "1", "--env", ENV, code=1)
    status = plain.run("status", "--env", ENV, code=3)
    for shown in (told, "up/logs/", "AWS emulator", f"clickstream-{ENV}-Storage", "not deployed"):
        assert shown in status
    # What a user reads in accounts where nothing has been prepared yet.
    doctor = plain.run("doctor", "--env", ENV, code=3)
    ill = [line.split()[1] for line in doctor.splitlines() if line.startswith("✗")]
    assert ill == ["cdk-bootstrap", "bootstrap-objects"]
    assert "do: run the SQL of `clickstream bootstrap-sql`, as administrator" in doctor
    plain.run("down")


def test_a_day_with_the_laptop_cloud(running: Laptop) -> None:
    running.cdk("diff", "--app", str(running.assembly), "--fail")
    rows, distinct = running.rows()
    assert as_json(running.run("send", "--count", "500", "--env", ENV, "--json"))["sent"] == 500
    running.arrived(rows + 500, distinct + 500)
    status = as_json(running.run("status", "--env", ENV, "--json"))
    assert status["well"] is True
    running.run(
        "query", "INSERT INTO click_events (event_id, event_type) VALUES ('c', '_canary')", "--env", ENV
    )
    clicks = as_json(running.run("status", "--env", ENV, "--json"))["snowflake"]["clicks"]
    assert clicks["events"] == rows + 500
    assert clicks["rows"] > clicks["events"]
    assert f"{rows + 500} events in " in running.run("status", "--env", ENV)
    counted = running.run("query", "SELECT COUNT(*) AS n FROM click_events", "--json", "--env", ENV)
    assert json.loads(counted)[0]["N"] >= rows + 501
