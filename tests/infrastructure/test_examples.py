"""The example in docs/constructs.md is a program that synthesizes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from config import ROOT

EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_documented_pipeline_synthesizes(tmp_path: Path) -> None:
    (program,) = EXAMPLE.findall((ROOT / "docs" / "constructs.md").read_text())
    flags = json.loads((ROOT / "cdk.json").read_text())["context"]
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(tmp_path),
        "CDK_CONTEXT_JSON": json.dumps({**flags, "aws:cdk:bundling-stacks": []}),
    }
    done = subprocess.run(
        [sys.executable, "-c", program + "\napp.synth()\n"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    template = json.loads((tmp_path / "Carts-Landing.template.json").read_text())
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert {"Custom::SnowflakeStage", "Custom::SnowflakeTable", "Custom::SnowflakePipe"} <= kinds
    assert "Custom::S3BucketNotifications" in kinds


def test_every_building_block_is_listed() -> None:
    import clickstream

    page = (ROOT / "docs" / "constructs.md").read_text()
    assert [name for name in clickstream.__all__ if name not in page] == []
