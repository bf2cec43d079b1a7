"""Endpoints that alarms are sent to: pagers, which confirm a subscription; no chats, which do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.files import load_config
from tests.unit.config_files import MINIMAL, refusal, write


def test_an_endpoint_may_be_a_secret_that_cloudformation_resolves(tmp_path: Path) -> None:
    endpoint = "{{resolve:secretsmanager:pager:SecretString:url}}"
    config = load_config("mine", write(tmp_path, f'[ops.critical]\nhttps_endpoint = "{endpoint}"\n{MINIMAL}'))
    assert config.ops.critical.https_endpoint == endpoint


@pytest.mark.parametrize(
    "host",
    [
        "hooks.slack.com",
        "HOOKS.slack.com.",
        "hooks.slack-gov.com:443",
        "acme.webhook.office.com",
        "outlook.office.com",
        "prod-12.westeurope.logic.azure.com:443",
        "default1.9a.environment.api.powerplatform.com",
        "discord.com",
        "ptb.discord.com",
        "discordapp.com",
        "chat.googleapis.com",
    ],
)
def test_the_webhook_of_a_chat_is_refused_without_showing_it(tmp_path: Path, host: str) -> None:
    for severity in ("critical", "warning"):
        text = f'[ops.{severity}]\nhttps_endpoint = "https://{host}/services/T0/B0/secret"\n{MINIMAL}'
        (told,) = refusal(tmp_path, text)[1:]
        assert f"ops.{severity}.https_endpoint = 'https://{host.split(':')[0].lower().rstrip('.')}/…'" in told
        assert "does not confirm subscriptions" in told
        assert "Amazon Q Developer: docs/runbook.md#recipients" in told
        assert "secret" not in told


@pytest.mark.parametrize(
    "address", ["https:///x", "https://host:port/x", "https://[::1/x", "http://pager.acme.io/key"]
)
def test_a_malformed_endpoint_is_refused_without_its_path(tmp_path: Path, address: str) -> None:
    told = "\n".join(refusal(tmp_path, f'[ops.critical]\nhttps_endpoint = "{address}"\n{MINIMAL}'))
    assert "https address" in told
    assert "/key" not in told


@pytest.mark.parametrize(
    "endpoint",
    ["https://events.pagerduty.com/x/y/enqueue", "https://slack.com.acme.io/x", "https://notslack.com/x"],
)
def test_a_pager_is_an_endpoint(tmp_path: Path, endpoint: str) -> None:
    config = load_config("mine", write(tmp_path, f'[ops.critical]\nhttps_endpoint = "{endpoint}"\n{MINIMAL}'))
    assert config.ops.critical.https_endpoint == endpoint
