"""Subscriptions stay pending until confirmed, and send nothing outside this machine.

AWS sends a confirmation to an e-mail address or an HTTPS endpoint and waits for the answer; MiniStack confirms e-mail
addresses at once, and calls endpoints anywhere.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from ministack.services import sns
from ministack.services.cloudformation import provisioners

_PENDING = b"<SubscriptionArn>PendingConfirmation<"
_BY_EMAIL = ("email", "email-json")
_ARN_IN_ANSWER = re.compile(rb"<SubscriptionArn>[^<]+</SubscriptionArn>")


def install() -> None:
    """Keep e-mail subscriptions pending, and deliveries on this machine."""
    sns._subscribe = _pending_when_by_email(sns._subscribe)
    sns._list_subscriptions = _without_pending_arns(sns._list_subscriptions)
    sns._list_subscriptions_by_topic = _without_pending_arns(sns._list_subscriptions_by_topic)
    sns._http_post_sync = _on_loopback_only(sns._http_post_sync)
    for kind in ("AWS::SNS::Subscription", "AWS::SNS::Topic"):
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        for verb in ("create", "update"):
            handlers[verb] = _then_pending(handlers[verb])


def _pending_when_by_email(subscribe: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    def subscribed(params: dict[str, Any]) -> Any:
        status, headers, body = subscribe(params)
        if status < 400 and sns._p(params, "Protocol") in _BY_EMAIL:
            _leave_unconfirmed()
            if sns._p(params, "ReturnSubscriptionArn") == "true":
                return status, headers, body
            body = _ARN_IN_ANSWER.sub(b"<SubscriptionArn>pending confirmation</SubscriptionArn>", body)
        return status, headers, body

    return subscribed


def _without_pending_arns(listed: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """A list in which a subscription has an ARN only once it is confirmed.

    https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html
    """

    def answered(params: dict[str, Any]) -> Any:
        status, headers, body = listed(params)
        for topic in sns._topics.values():
            for subscription in topic["subscriptions"]:
                if not subscription["confirmed"]:
                    body = body.replace(f"<SubscriptionArn>{subscription['arn']}<".encode(), _PENDING)
        return status, headers, body

    return answered


def _then_pending(provision: Callable[..., Any]) -> Callable[..., Any]:
    def provisioned(*arguments: Any, **named: Any) -> Any:
        result = provision(*arguments, **named)
        _leave_unconfirmed()
        return result

    return provisioned


def _leave_unconfirmed() -> None:
    """Leave an e-mail subscription unconfirmed, since no e-mail is sent."""
    for topic in sns._topics.values():
        for subscription in topic["subscriptions"]:
            if subscription["protocol"] in _BY_EMAIL:
                subscription["confirmed"] = False
                subscription["attributes"]["PendingConfirmation"] = "true"
        sns._refresh_subscription_counts(topic)


def _on_loopback_only(post: Callable[[str, str, str], int]) -> Callable[[str, str, str], int]:
    def posted(endpoint: str, payload: str, kind: str) -> int:
        host = urlsplit(endpoint).hostname or ""
        if not _is_loopback(host):
            raise ConnectionRefusedError(f"{host} is not on this machine; nothing was sent")
        return post(endpoint, payload, kind)

    return posted


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
