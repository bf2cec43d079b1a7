"""The environment that a synthesis works on."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from config.choice import chosen_env

ROOT = Path(__file__).parents[2]
CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"]


def test_the_environment_is_from_the_context_else_the_shell_else_local(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CLICKSTREAM_ENV", raising=False)
    assert chosen_env(CONTEXT) == "local"
    assert tomllib.loads((ROOT / "config" / "local.toml").read_text())["laptop"] is True
    monkeypatch.setenv("CLICKSTREAM_ENV", "dev")
    assert chosen_env(CONTEXT) == "dev"
    assert chosen_env({**CONTEXT, "env": "prod", "allow_data_loss": "true"}) == "prod"


@pytest.mark.parametrize(("settings", "env"), [({}, "local"), ({"CLICKSTREAM_ENV": "prod"}, "prod")])
def test_make_uses_the_same_environment(settings: dict[str, str], env: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", "synth"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f'cdk synth --quiet --context env="{env}"' in done.stdout


@pytest.mark.parametrize("typo", ["stge", "stage", "Env", "environment", "allow_dataloss"])
def test_a_misspelt_context_key_is_refused(typo: str) -> None:
    with pytest.raises(
        ValueError, match=f"context key '{typo}' is unknown; this app takes env, allow_data_loss"
    ):
        chosen_env({**CONTEXT, typo: "prod"})


def test_context_that_the_cdk_cli_stores_is_allowed() -> None:
    remembered = (
        "cli-telemetry",
        "acknowledged-issue-numbers",
        "availability-zones:account=1:region=eu-west-1",
    )
    assert chosen_env({**dict.fromkeys(remembered, "x"), "env": "dev"}) == "dev"
