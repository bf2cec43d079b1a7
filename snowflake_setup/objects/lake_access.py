"""Check that an integration has access to an S3 location, before a stage depends on it.

A stage can be bound to any integration; only a read would show that AWS denies access, and by then a live stage has
lost its former access. IAM propagates a new role or trust policy with a delay, so a refusal is checked again for a
while.
"""

from __future__ import annotations

import json

from snowflake_setup.session.clock import wait_until
from snowflake_setup.session.errors import OutOfTimeError
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.session.session import Session
from snowflake_setup.sql.identifiers import ObjectName
from snowflake_setup.sql.storage_integration import ValidateStorageIntegration

_PATIENCE_SECONDS = 180.0


def require_opened(invocation: Invocation, integration: ObjectName, url: str) -> None:
    """Wait until AWS lets the integration list `url`."""
    refusal = ""

    def opened() -> bool:
        nonlocal refusal
        refusal = _refusal(invocation.session, integration, url)
        return not refusal

    if not wait_until(opened, invocation.clock, at_most=_PATIENCE_SECONDS, every=5.0):
        raise OutOfTimeError(
            f"integration {integration} may not list {url}: AWS says {refusal}. Its role must trust the IAM user and "
            "the external id that DESC INTEGRATION shows, and be allowed s3:ListBucket and s3:GetObject there"
        )


def _refusal(session: Session, integration: ObjectName, url: str) -> str:
    """The reason for the refusal; empty if access is granted."""
    row = session.execute(ValidateStorageIntegration(integration, url))[0]
    answer = json.loads(str(next(iter(row.values()))))
    if answer.get("status") == "success":
        return ""
    actions = answer.get("actions", {}).values()
    told = [str(action["message"]) for action in actions if action.get("message")]
    return "; ".join(told) or str(answer.get("message") or "nothing more")
