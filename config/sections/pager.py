"""The https endpoint of a pager, which has to confirm its subscription."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

# Incoming webhooks of chats. They answer SNS's request to confirm with an error, and so never get a message.
# https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html
_CHATS = {
    "slack.com": "Slack",
    "slack-gov.com": "Slack",
    "webhook.office.com": "Microsoft Teams",
    "outlook.office.com": "Microsoft Teams",
    "logic.azure.com": "Microsoft Teams",
    "api.powerplatform.com": "Microsoft Teams",
    "discord.com": "Discord",
    "discordapp.com": "Discord",
    "chat.googleapis.com": "Google Chat",
    "webexapis.com": "Webex",
    "api.telegram.org": "Telegram",
    "zulipchat.com": "Zulip",
    "open.feishu.cn": "Feishu",
    "open.larksuite.com": "Lark",
}


def _confirms(endpoint: str) -> str:
    if not endpoint.startswith("https://"):
        return endpoint  # a reference to a secret, which only CloudFormation resolves
    host = host_of(endpoint)
    for domain, chat in _CHATS.items():
        if host == domain or host.endswith(f".{domain}"):
            raise ValueError(
                f"{chat} does not confirm subscriptions, so SNS never sends it a message. Name a pager here, and "
                "connect the chat through Amazon Q Developer: docs/runbook.md#recipients"
            )
    return endpoint


def host_of(endpoint: str) -> str:
    """The host of an https address, the part of it that is no secret.

    Raises:
        ValueError: it has no valid host.
    """
    try:
        address = urlsplit(endpoint)
        host, _ = address.hostname, address.port
    except ValueError:
        host = None
    if not host:
        raise ValueError("an https address has a host, such as https://events.pagerduty.com/…")
    return host.rstrip(".").lower()


PagerEndpoint = Annotated[
    str,
    Field(pattern=r"^(https://\S{1,2040}|\{\{resolve:secretsmanager:[^{}\s]+\}\})?$"),
    AfterValidator(_confirms),
]
"""SNS takes endpoints of at most 2,048 characters."""
