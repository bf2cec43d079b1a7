"""A second opinion on every template, by cfn-lint. `make nag` asks for it: too slow for every run of the tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.infrastructure.conftest import Pipeline
from tests.infrastructure.variants import VARIANTS

# Warnings that are accepted, each with its reason; no error is.
ACCEPTED = {
    "W3005": "The library names what must exist first, although a reference says so already: twice is not wrong.",
    "W3011": "Only a replaced access key stays alive, until `clickstream rotate-access-key` puts it away.",
    "W7001": "The library adds its table of Firehose addresses, whether a policy uses it or not.",
}


def lint(templates: list[Path]) -> set[str]:
    """The rules that the templates break."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "json", *map(str, templates)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {found["Rule"]["Id"] for found in json.loads(done.stdout)}


@pytest.mark.parametrize("name", VARIANTS)
def test_cfn_lint_finds_nothing_but_what_is_accepted(
    name: str, variant: Callable[[str], Pipeline], tmp_path: Path
) -> None:
    for stack, template in variant(name).stacks.items():
        (tmp_path / f"{stack}.json").write_text(json.dumps(template))
    found = lint([*tmp_path.iterdir()])
    assert found - set(ACCEPTED) == set()
    assert found, "not even what is accepted: was it really asked?"


def test_a_property_that_does_not_exist_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(
        '{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"Encripted": true}}}}'
    )
    assert "E3002" in lint([wrong])
