"""Target of an environment; the laptop cloud is reached with any account and proxy set in the shell."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from cli import laptop
from cli.commands.env import env
from cli.deployment import Account, Deployment, NotDeployedError, event_stream, load_env
from cli.laptop import Laptop
from cli.output import CommandError

SETTINGS = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": os.devnull,
    "SNOWFLAKE_HOME": "/state/snowflake_home",
    "NO_PROXY": "127.0.0.1,localhost",
    "no_proxy": "127.0.0.1,localhost",
}
STALE = {
    "AWS_PROFILE": "not-there",
    "AWS_SESSION_TOKEN": "stale",
    "AWS_ENDPOINT_URL_KINESIS": "https://elsewhere.example",
    "AWS_CONFIG_FILE": "/nowhere",
    "SNOWFLAKE_ACCOUNT": "acme-prod",
    "SNOWFLAKE_HOME": "/home/me/.snowflake",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
}


@pytest.fixture(autouse=True)
def _a_shell_of_another_account() -> Iterator[None]:
    foreign = ("AWS_", "SNOWFLAKE_", "CLICKSTREAM_", "NO_PROXY", "no_proxy")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    with patch.dict(os.environ, {**own, **STALE}, clear=True):
        yield


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A laptop cloud that appears to run, with nothing deployed."""
    fake = SimpleNamespace(environment=lambda: SETTINGS, status=lambda: SimpleNamespace(running=True))
    monkeypatch.setattr(laptop, "LaptopCloud", lambda _, **settings: fake)
    monkeypatch.setattr(laptop, "_DEPLOYED_ENV", tmp_path / "environment")
    return fake


def test_the_error_for_an_unknown_environment_names_the_option() -> None:
    with pytest.raises(
        CommandError, match=r"no environment 'staging': .*Choose one with `--env …`"
    ) as caught:
        load_env("staging")
    assert caught.value.exit_code == 2


@pytest.mark.usefixtures("cloud")
def test_a_laptop_cloud_without_a_deployment_is_an_error_if_one_is_needed() -> None:
    with pytest.raises(
        NotDeployedError, match="no deployment to the laptop cloud has finished: run `make up`"
    ):
        Deployment.of("local")
    unfinished = Deployment.of("local", even_unfinished=True)
    assert str(unfinished.unfinished).startswith("no deployment to the laptop cloud has finished")


@pytest.mark.usefixtures("cloud")
def test_another_environment_on_the_laptop_is_named_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "environment").write_text("local-direct")
    told = "holds local-direct, not environment 'local'; use --env local-direct, or deploy the other in its place"
    with pytest.raises(NotDeployedError, match=told):
        Deployment.of("local", even_unfinished=True)
    with pytest.raises(CommandError, match="`clickstream down`, then `clickstream up --env local`"):
        Laptop.kept_running(load_env("local"))


def test_the_process_is_a_client_of_the_laptop_cloud_only(cloud: Any) -> None:
    there = Laptop(load_env("local"), cloud)
    for service in ("kinesis", "cloudformation"):
        client = there.client(service)
        assert client.meta.endpoint_url == SETTINGS["AWS_ENDPOINT_URL"]
        credentials = client._request_signer._credentials
        assert (credentials.access_key, credentials.token) == ("test", None)
        assert client._endpoint.http_session._proxy_config.proxy_url_for(client.meta.endpoint_url) is None


@pytest.mark.usefixtures("cloud")
def test_env_sets_a_shell_up_likewise_and_unset_restores_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ours = {*SETTINGS, *STALE, "CLICKSTREAM_ENV_BEFORE"}

    def evaluated(shell: dict[str, str]) -> dict[str, str]:
        script = capsys.readouterr().out
        done = subprocess.run(
            ["sh", "-c", f"{script}\nenv -0"], env=shell, capture_output=True, text=True, check=True
        )
        # A value may have several lines, as those of a pipeline's variables do.
        found = dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry)
        return {name: value for name, value in found.items() if name in ours}

    env()
    on_the_laptop = evaluated(dict(os.environ))
    assert {name: on_the_laptop.get(name) for name in SETTINGS} == SETTINGS
    elsewhere = {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_KINESIS", "SNOWFLAKE_ACCOUNT"}
    assert not elsewhere & set(on_the_laptop)

    with patch.dict(os.environ, on_the_laptop):
        env()  # a second time, which must keep the previous values
        twice = evaluated({**on_the_laptop, "PATH": os.environ["PATH"]})
    with patch.dict(os.environ, twice):
        env(unset=True)
    assert evaluated(twice) == STALE


def test_the_account_is_the_shells_and_a_missing_profile_is_reported() -> None:
    account = Deployment.of("dev")
    assert isinstance(account, Account)
    with pytest.raises(CommandError, match=r"cannot use AWS.*not-there") as caught:
        account.client("kinesis")
    assert caught.value.exit_code == 2
    os.environ.update({"AWS_REGION": "eu-west-3", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "s"})
    del os.environ["AWS_PROFILE"]
    assert account.client("kinesis").meta.region_name == "eu-west-3"


@pytest.mark.parametrize(("source", "kind"), [("kinesis", "kinesis"), ("direct_put", "firehose")])
def test_events_are_sent_to_the_data_stream_or_the_delivery_stream(source: str, kind: str) -> None:
    os.environ["AWS_REGION"] = "eu-west-3"
    config = load_env("dev")
    streaming = config.streaming.model_copy(update={"source": source})
    account = Account(config.model_copy(update={"streaming": streaming}))
    target = account.front_door(event_stream(account.config, "clicks"))
    assert (target.kind, target.region) == (kind, "eu-west-3")
    with pytest.raises(CommandError, match="no event stream 'orders'; it has clicks"):
        event_stream(config, "orders")
