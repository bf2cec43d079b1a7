"""Secrets removed from texts: from all output, and more of them from the report that leaves the company."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.model import PipelineConfig

_SECRETS = {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{12,}\b"): "<access key>",
    re.compile(r"-----BEGIN[^-]*-----.*?(?:-----END[^-]*-----|$)", re.DOTALL): "<key>",
    re.compile(
        r"(?i)\b(aws_)?(secret_?(?:access_?)?key|token|passw(?:or)?d|signature)\b(\s*[=:]\s*)\S+"
    ): r"\2\3<secret>",
    re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"): "<token>",
    # Forty characters of base64 are a secret access key.
    re.compile(
        r"(?<![\w/+=-])(?=[\w/+]*[0-9])(?=[\w/+]*[A-Z])(?=[\w/+]*[a-z])[A-Za-z0-9/+]{40}(?![\w/+=-])"
    ): "<secret>",
    # User and password, and whatever follows the path: signatures and tokens are there.
    re.compile(r"\b(https?://)[^\s/@]+@"): r"\1<login>@",
    re.compile(r"(\bhttps?://[^\s?#'\"]+)[?#][^\s'\"]+"): r"\1?<query>",
}
_IDENTITIES = {
    re.compile(r"(?<!\d)\d{12}(?!\d)"): "<account>",
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"): "<e-mail>",
    re.compile(r"\b[\w.-]+\.snowflakecomputing\.(?:com|cn)\b", re.IGNORECASE): "<snowflake account>",
    re.compile(r"\bhttps?://\S+"): "<url>",
    re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}(?:/\d+)?\b"): "<address>",
}


def without_secrets(text: str) -> str:
    """The text without keys, tokens, passwords, and the parts of addresses that may hold them."""
    return _replaced(text, _SECRETS)


def without_identities(text: str, config: PipelineConfig) -> str:
    """The text without accounts, addresses and people either; names of stacks and objects stay."""
    for own in filter(None, (config.account, config.snowflake.account, config.snowflake.host)):
        if not config.laptop:
            text = re.sub(rf"(?<![\w-]){re.escape(own)}(?![\w-])", "<account>", text, flags=re.IGNORECASE)
    return _replaced(without_secrets(text), _IDENTITIES)


def _replaced(text: str, patterns: dict[re.Pattern[str], str]) -> str:
    for pattern, instead in patterns.items():
        text = pattern.sub(instead, text)
    return text
