"""One action that an identity tries, and the expected result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# Makes a client of an AWS service, signing as the identity.
Client = Callable[[str], Any]


@dataclass(frozen=True, kw_only=True)
class Places:
    """Resources of a deployment, by name or ARN; `other_…` is one of the same type that is not part of the pipeline."""

    lake: str
    event: str
    failure: str
    lake_key: str
    lake_ciphertext: bytes
    access_logs: str
    other_bucket: str
    other_key: str
    other_ciphertext: bytes
    stream: str
    other_stream: str
    delivery_stream: str
    delivery_log: str
    gate_log: str
    setup_log: str
    framework_log: str
    monitor_log: str
    canary_log: str
    producer_log: str
    flow_log: str
    other_log: str
    login_secret: str
    monitor_secret: str
    credentials_secret: str
    other_secret: str
    setup_function: str
    gate_function: str
    other_function: str
    user: str
    assets: str
    producer_code: str
    other_code: str
    deploy_role: str
    cloudformation_role: str
    stack: str
    other_stack: str


Call = Callable[[Client, Places], object]


@dataclass(frozen=True)
class Attempt:
    """A call made as an identity.

    Args:
        action: the IAM action that AWS requires.
        on: the object of the action, in words.
        call: the call.
        allowed: True if it must succeed; otherwise it must be denied because this action is not allowed.
    """

    action: str
    on: str
    call: Call
    allowed: bool

    @property
    def title(self) -> str:
        """The name in a test report."""
        return f"{'may' if self.allowed else 'may not'} {self.action} {self.on}"


def may(action: str, on: str, call: Call) -> Attempt:
    """An action that must succeed."""
    return Attempt(action, on, call, allowed=True)


def may_not(action: str, on: str, call: Call) -> Attempt:
    """An action that must be denied."""
    return Attempt(action, on, call, allowed=False)


@dataclass(frozen=True)
class Identity:
    """An IAM user or role of the pipeline.

    Args:
        name: in words.
        purpose: its task.
        logical_id: its logical id in a template, without the hash at its end.
        attempts: the actions it tries.
    """

    name: str
    purpose: str
    logical_id: str
    attempts: tuple[Attempt, ...]
