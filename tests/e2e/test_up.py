"""`make up` and what a person does with it, in the order they would."""

from __future__ import annotations

import json

from laptop import LaptopCloud
from laptop.testing.waiting import eventually
from tests.e2e.conftest import Laptop

KEEP = ("--context", "env=local")
LOSE = (*KEEP, "--context", "allow_data_loss=true")


def test_a_day_with_the_laptop_cloud(laptop: Laptop) -> None:
    assert "not running" in laptop.run("status", code=1)
    laptop.run("up")
    assert "ready" in laptop.run("up")  # a second time deploys again and starts nothing twice
    diff = laptop.cdk("diff", *KEEP, "--fail")
    assert diff.returncode == 0, diff.stdout + diff.stderr

    summary = json.loads(laptop.run("send", "--count", "500", "--json"))
    assert summary["sent"] == 500
    eventually(lambda: rows(laptop) == 500, within=60)
    assert json.loads(laptop.run("status", "--json"))["well"] is True
    laptop.query("INSERT INTO click_events (event_id, event_type) VALUES ('c', '_canary')")
    clicks = json.loads(laptop.run("status", "--json"))["snowflake"]["clicks"]
    assert (clicks["events"], clicks["rows"] > 500) == (500, True)
    assert "500 events in 5" in laptop.run("status")

    destroy = laptop.cdk("destroy", "--all", "--force", *KEEP)
    assert destroy.returncode == 0, destroy.stdout + destroy.stderr
    assert rows(laptop) == 500, "one key is not enough to lose the table"
    assert "not deployed" in laptop.run("status", code=3)


def test_a_deployment_that_did_not_finish_is_told_and_what_is_there_is_shown(laptop: Laptop) -> None:
    cloud = LaptopCloud(laptop.state / "up")
    cloud.start()
    cloud.detach()
    told = "no deployment to the laptop cloud has finished: run `make up` again"
    assert told in laptop.run("send", "--count", "1", code=1)
    status = laptop.run("status", code=3)
    for shown in (told, "up/logs/", "AWS emulator", "clickstream-local-Storage", "not deployed"):
        assert shown in status


def test_both_keys_turned_delete_the_data(laptop: Laptop) -> None:
    laptop.run("up")
    laptop.run("send", "--count", "100")
    eventually(lambda: rows(laptop) == 100, within=60)
    deploy = laptop.cdk("deploy", "--all", "--require-approval", "never", *LOSE)
    assert deploy.returncode == 0, deploy.stdout + deploy.stderr
    assert rows(laptop) == 100
    destroy = laptop.cdk("destroy", "--all", "--force", *LOSE)
    assert destroy.returncode == 0, destroy.stdout + destroy.stderr
    assert "does not exist" in laptop.run("query", "SELECT COUNT(*) FROM click_events", code=1)


def rows(laptop: Laptop) -> int:
    (row,) = laptop.query("SELECT COUNT(*) AS n FROM click_events WHERE NOT STARTSWITH(event_type, '_')")
    return int(row["N"])
