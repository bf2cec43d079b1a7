"""Config files of tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.files import ConfigError, load_config

MINIMAL = '[snowflake]\naccount = "myorg-myaccount"\n'
ORDERS = "contract/order_event.schema.json"


def write(folder: Path, text: str, env: str = "mine") -> Path:
    (folder / f"{env}.toml").write_text(text)
    return folder


def refusal(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config("mine", write(folder, text))
    return str(caught.value).splitlines()
