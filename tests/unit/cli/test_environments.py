"""What is said of an environment that there is not, to somebody who typed `--env`."""

from __future__ import annotations

import pytest

from cli.deployment import load_env
from cli.output import CommandError


def test_an_unknown_environment_is_named_with_the_option_that_the_command_has() -> None:
    with pytest.raises(
        CommandError, match=r"no environment 'staging': .*Choose one with `--env …`"
    ) as caught:
        load_env("staging")
    assert caught.value.exit_code == 2
