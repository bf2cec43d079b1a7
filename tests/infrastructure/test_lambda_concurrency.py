"""The ten concurrent executions of a new account are enough to deploy any number of kinds of event."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from clickstream import ClickstreamPipeline, Column, SnowflakeLogin, SnowflakeSchema
from tests.infrastructure.synthesis import Pipeline, Template, cdk_app
from tests.infrastructure.variants import ORDERS

Synthesized = Callable[..., Pipeline]
COLUMNS = [Column("EVENT_ID", "VARCHAR"), Column("EVENT_TYPE", "VARCHAR")]


def handled_at_once(template: Template) -> list[tuple[str, str]]:
    """Pairs of resources of the landing Lambda that CloudFormation may handle at the same time."""
    resources = template["Resources"]
    served = [
        name for name, resource in resources.items() if "ServiceTimeout" in resource.get("Properties", {})
    ]
    assert served
    before = {name: needed_by(name, resources) for name in served}
    return [(a, b) for a, b in combinations(served, 2) if a not in before[b] and b not in before[a]]


def needed_by(name: str, resources: Template) -> set[str]:
    """The resources that are there before this one."""
    found: set[str] = set()
    left = [name]
    while left:
        new = {other for other in _named(resources[left.pop()]) if other in resources} - found
        found |= new
        left += new
    return found


def _named(value: Any) -> set[str]:
    """Every text in a resource: logical ids among them."""
    if isinstance(value, dict):
        return set().union(*map(_named, value.values()))
    if isinstance(value, list):
        return set().union(*map(_named, value))
    return {value} if isinstance(value, str) else set()


@pytest.mark.parametrize(
    ("kinds", "mode"),
    [(1, "iam_user"), (2, "storage_integration"), (3, "iam_user"), (8, "storage_integration")],
)
def test_the_landings_resources_follow_one_another(synthesized: Synthesized, kinds: int, mode: str) -> None:
    """Each occupies two executions, the framework's and the function's: 1 + 2 * kinds at once would need 34 of them."""
    names = [f"kind{number}" for number in range(1, kinds)]
    more = [ORDERS | {"name": name, "data_prefix": f"{name}/", "table": name} for name in names]
    pipeline = synthesized(more_events=more, access={"mode": mode})
    assert len(pipeline.resources("Landing", "Custom::SnowflakePipe")) == kinds
    assert handled_at_once(pipeline.stacks["Landing"]) == []


def test_those_of_a_pipeline_construct_do_so_too(tmp_path: Path) -> None:
    app = cdk_app(tmp_path, validates=False)
    ClickstreamPipeline(
        cdk.Stack(app, "Shop"),
        "Clicks",
        name="shop",
        events={"clicks": COLUMNS, "orders": COLUMNS, "carts": COLUMNS},
        schema=SnowflakeSchema("SHOP", "RAW"),
        login=SnowflakeLogin(account="myorg-myaccount", user="DEPLOY", role="DEPLOY"),
    )
    app.synth()
    assert handled_at_once(json.loads((tmp_path / "Shop.template.json").read_text())) == []
