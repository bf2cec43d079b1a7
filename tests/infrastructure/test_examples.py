"""The example in docs/constructs.md is a program that synthesizes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from config import ROOT
from tests.infrastructure.synthesis import cdk_app

EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_documented_pipeline_synthesizes(tmp_path: Path) -> None:
    (program,) = EXAMPLE.findall((ROOT / "docs" / "constructs.md").read_text())
    app = cdk_app(tmp_path)
    exec(program.replace("cdk.App()", "APP"), {"APP": app})  # noqa: S102 - our own example
    app.synth()
    template = json.loads((tmp_path / "Carts-Landing.template.json").read_text())
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert {"Custom::SnowflakeStage", "Custom::SnowflakeTable", "Custom::SnowflakePipe"} <= kinds
    assert "Custom::S3BucketNotifications" in kinds


def test_every_building_block_is_listed() -> None:
    import clickstream

    page = (ROOT / "docs" / "constructs.md").read_text()
    assert [name for name in clickstream.__all__ if name not in page] == []
