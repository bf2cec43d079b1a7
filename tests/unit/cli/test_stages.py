"""What is said of a stage that there is not, to somebody who typed `--stage`."""

from __future__ import annotations

import pytest

from cli.output import CommandError
from cli.stages import load_stage


def test_an_unknown_stage_is_named_with_the_option_that_the_command_has() -> None:
    with pytest.raises(CommandError, match=r"no stage 'staging': .*Choose one with `--stage …`") as caught:
        load_stage("staging")
    assert caught.value.exit_code == 2
