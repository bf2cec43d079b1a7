"""The runbook: one entry for every alarm, each with the parts that an on-call engineer needs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from config import ROOT
from config.files import fields_by_key, section_of
from config.model import PipelineConfig
from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.variants import VARIANTS
from tests.infrastructure.watched import alarms

PAGE = (ROOT / "docs" / "runbook.md").read_text()
PARTS = [
    "What it means",
    "What users notice",
    "First look",
    "Commands to fix",
    "How to know it is over",
]
ENTRIES = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def test_every_alarm_has_an_entry_and_every_entry_an_alarm(variant: Callable[[str], Pipeline]) -> None:
    named = set()
    for name in VARIANTS:
        pipeline = variant(name)
        named |= {alarm.entry for alarm in alarms(pipeline)}
        composites = pipeline.resources("Ops", "AWS::CloudWatch::CompositeAlarm").values()
        named |= {each["Properties"]["AlarmDescription"].rsplit("#", 1)[-1] for each in composites}
    assert set(ENTRIES) == named


@pytest.mark.parametrize("entry", ENTRIES)
def test_each_entry_has_its_five_parts_in_order(entry: str) -> None:
    assert re.findall(r"^\*\*([^*.]+)\.\*\*", ENTRIES[entry], re.MULTILINE) == PARTS


@pytest.mark.parametrize("entry", ENTRIES)
def test_each_entry_has_diagnostic_commands(entry: str) -> None:
    look = ENTRIES[entry].split("**First look.**")[1].split("**Commands to fix.**")[0]
    assert re.search(r"^```(sh|sql)$", look, re.MULTILINE)


def test_link_targets_exist() -> None:
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors
    files = re.findall(r"\]\(([a-z-]+\.md)(?:#[a-z-]+)?\)", PAGE)
    assert files
    for file in files:
        assert (ROOT / "docs" / file).exists()


def test_the_overview_has_every_step_of_the_data_flow() -> None:
    overview = PAGE.split("## ")[0]
    assert set(re.findall(r"\]\(#([^)]+)\)", overview)) == set(ENTRIES)


def test_the_page_exports_no_variable() -> None:
    """Exported variables such as ENV would affect the next call of `make`."""
    shell = "\n".join(re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
    assert re.search(r"^ENV=prod$", shell, re.MULTILINE)
    assert not re.search(r"\bexport\b|^EVENTS=", shell, re.MULTILINE)


def test_config_keys_exist() -> None:
    keys = set(re.findall(r"`((?:[a-z_]+\.)+[a-z_]+)`", PAGE)) - {"event.md"}
    assert keys >= {"ops.alarms.no_data_minutes", "streaming.kinesis.retention_hours"}
    for key in keys:
        fields = fields_by_key(PipelineConfig)
        *sections, last = key.split(".")
        for section in sections:
            model = section_of(fields[section])
            assert model, key
            fields = fields_by_key(model)
        assert last in fields, key


def test_quoted_names_are_on_the_dashboard(
    variant: Callable[[str], Pipeline],
) -> None:
    """Quoted names are those of series and graphs, so that readers find them."""
    shown = ""
    for name in ("dev", "direct put", "other values"):
        body = variant(name).properties("Ops", "AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Join"][1]
        shown += "".join(part for part in body if isinstance(part, str))
    named = {
        (entry, quoted)
        for entry, text in ENTRIES.items()
        for quoted in re.findall(r'"([^"]+)"', text.split("**How to know it is over.**")[1].split("\n\n")[0])
    }
    assert len(named) >= 5
    assert [name for name in named if name[1] not in shown] == []


def test_notifications_restored_by_hand_are_removed_with_the_landing_stack(
    variant: Callable[[str], Pipeline],
) -> None:
    """The CDK's handler removes entries with an id of its stack; any entry left would block the next deployment."""
    (code,) = (
        function["Properties"]["Code"]["ZipFile"]
        for function in variant("dev").resources("Landing", "AWS::Lambda::Function").values()
        if "put_bucket_notification_configuration" in function["Properties"]["Code"].get("ZipFile", "")
    )
    (by_hand,) = re.findall(r"--notification-configuration '(\{.*?\})'\n```", PAGE, re.DOTALL)
    landing = "arn:aws:cloudformation:eu-west-1:111122223333:stack/clickstream-dev-Landing/1"
    there: dict[str, Any] = json.loads(by_hand.replace("'$LANDING'", landing))
    assert "$KIND" in there["QueueConfigurations"][0]["Id"], (
        "S3 allows an id once, and each kind of event has an entry"
    )
    handler: dict[str, Any] = {}
    exec(code.replace('boto3.client("s3")', "None"), handler)  # noqa: S102 - the template's own code
    handler["s3"] = SimpleNamespace(get_bucket_notification_configuration=lambda Bucket: there)  # noqa: N803
    assert there["QueueConfigurations"]
    left = handler["handle_unmanaged"]("lake", landing, "Delete", {}, {})
    assert left["QueueConfigurations"] == []
