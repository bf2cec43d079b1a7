"""The environment of the emulator and its Lambdas."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from laptop.aws.settings import EmulatorSettings

SETTINGS = EmulatorSettings(port=4599, state_dir=Path("/state"), region="eu-central-1")


def test_a_real_account_never_reaches_the_emulator() -> None:
    shell = {
        "AWS_PROFILE": "work",
        "AWS_SESSION_TOKEN": "token",
        "AWS_CA_BUNDLE": "/ca",
        "AWS_REGION": "us-east-1",
    }
    environment = SETTINGS.environment(shell)
    assert "AWS_PROFILE" not in environment
    assert "AWS_SESSION_TOKEN" not in environment
    assert "AWS_CA_BUNDLE" not in environment
    assert environment["AWS_REGION"] == environment["MINISTACK_REGION"] == "eu-central-1"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4599"


def test_it_listens_on_loopback_only() -> None:
    assert SETTINGS.environment({})["BIND_HOST"] == "127.0.0.1"


def test_settings_of_the_caller_for_lambdas_are_passed_on() -> None:
    address = {"SNOWFLAKE_HOST": "127.0.0.1", "SNOWFLAKE_PORT": "8084", "SNOWFLAKE_PROTOCOL": "http"}
    assert SETTINGS.environment(address).items() >= address.items()


def test_lambdas_know_how_long_changed_notifications_take() -> None:
    environment = replace(SETTINGS, notification_seconds=7).environment({"S3_NOTIFICATION_SECONDS": "1"})
    assert environment["S3_NOTIFICATION_SECONDS"] == "7"


def test_loopback_never_goes_through_a_proxy() -> None:
    environment = SETTINGS.environment({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "intranet"})
    assert environment["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert environment["no_proxy"] == "127.0.0.1,localhost"


def test_iam_is_always_enforced() -> None:
    assert SETTINGS.environment({"AUTH": "false"})["AUTH"] == "true"
