"""cdk.out/ is of the environment that is asked for, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ci.assembly import Assembly
from cli.output import CommandError
from tests.unit.ci.conftest import stage_config


def test_it_has_the_stages_templates_without_the_way_in(assembly: Callable[..., Path]) -> None:
    read = Assembly.read(stage_config(), assembly("test", Storage={"Resources": {}}, Ci={"Resources": {}}))
    assert dict(read.templates) == {"clickstream-test-Storage": {"Resources": {}}}


def test_another_stages_templates_are_refused(assembly: Callable[..., Path]) -> None:
    with pytest.raises(CommandError, match=r"holds environment test-2, not test; run: make synth ENV=test"):
        Assembly.read(stage_config(), assembly("test-2", Storage={}))


def test_missing_templates_are_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"there are no templates in .*; run: make synth ENV=test"):
        Assembly.read(stage_config(), tmp_path)
