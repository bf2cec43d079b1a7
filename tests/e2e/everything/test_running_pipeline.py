"""A running pipeline: replacing its pipe under traffic loses nothing, and the runbook's SQL works on it."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

from tests.e2e.everything.conftest import Pipeline
from tests.e2e.laptop import ROOT
from tests.e2e.templates import change_pipe


def test_the_runbooks_sql_runs(pipeline: Pipeline) -> None:
    """Must run first here: its REFRESH would reload files whose load history a replaced pipe took with it."""
    page = (ROOT / "docs" / "runbook.md").read_text()
    statements = re.findall(r"^```sql\n(.*?);\n```", page, re.DOTALL | re.MULTILINE)
    assert len(statements) > 5
    integration = "VALIDATE_STORAGE_INTEGRATION"  # this environment reads the lake as a user
    for statement in statements:
        if integration not in statement:
            pipeline.query(statement)
    (state,) = pipeline.query("SELECT SYSTEM$PIPE_STATUS('CLICKSTREAM.RAW.CLICK_EVENTS_PIPE') AS STATUS")
    assert json.loads(state["STATUS"])["executionState"] == "RUNNING"


def test_a_pipe_replaced_twice_under_traffic_loses_and_duplicates_nothing(pipeline: Pipeline) -> None:
    rows, distinct = pipeline.rows()
    made = []
    with pipeline.traffic("local") as sent:
        for on_error in ("SKIP_FILE", "CONTINUE"):
            pipeline.update("clickstream-local-Landing", partial(change_pipe, OnError=on_error))
            (pipe,) = pipeline.query("SHOW PIPES LIKE 'CLICK_EVENTS_PIPE'")
            assert f"ON_ERROR = {on_error}" in pipe["definition"]
            made.append(pipe["created_on"])
    assert made[0] != made[1]
    pipeline.arrived(rows + sent[0], distinct + sent[0])


def test_files_that_s3_does_not_announce_yet_are_loaded_once(pipeline: Pipeline) -> None:
    """No receiver is notified between the removal of the old notifications and the start of the new ones."""
    rows, distinct = pipeline.rows()
    s3 = pipeline.client("s3")
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    (lake,) = (
        bucket
        for bucket in buckets
        if "QueueConfigurations" in s3.get_bucket_notification_configuration(Bucket=bucket)
    )
    with pipeline.traffic("local") as sent:
        s3.put_bucket_notification_configuration(Bucket=lake, NotificationConfiguration={})
        pipeline.update("clickstream-local-Landing", _announce_otherwise)
    pipeline.arrived(rows + sent[0], distinct + sent[0])


def _announce_otherwise(template: dict[str, Any]) -> None:
    for resource in template["Resources"].values():
        properties = resource["Properties"]
        for queue in properties.get("NotificationConfiguration", {}).get("QueueConfigurations", []):
            queue["Filter"]["Key"]["FilterRules"].append({"Name": "suffix", "Value": ".gz"})
        if "Trigger" in properties:
            properties["Trigger"] = "another filter"
