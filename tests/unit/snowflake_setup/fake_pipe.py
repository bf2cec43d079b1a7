"""A pipe with its own load history and queue."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from snowflake_setup.session.session import Row
from snowflake_setup.sql.copy_into import CopyInto

USER_ARN = "arn:aws:iam::123456789001:user/snowflake"


@dataclass
class FakePipe:
    """A pipe: the files it has loaded, and those that wait while it is paused."""

    copy: CopyInto
    comment: str
    created: datetime
    paused: bool = False
    state: str = ""
    loaded: set[str] = field(default_factory=set)
    queue: list[tuple[str, datetime]] = field(default_factory=list)
    last: tuple[str, datetime] | None = None
    grants: list[Row] = field(default_factory=list)

    def status(self) -> list[Row]:
        """The answer of SYSTEM$PIPE_STATUS."""
        status: dict[str, object] = {
            "executionState": self.state or ("PAUSED" if self.paused else "RUNNING"),
            "pendingFileCount": len(self.queue),
        }
        if self.queue:
            status["oldestFileTimestamp"] = self.queue[0][1].isoformat()
        if self.last:
            status["lastIngestedFilePath"] = in_bucket(self.last[0])
            status["lastIngestedTimestamp"] = self.last[1].isoformat()
        return [{"SYSTEM$PIPE_STATUS('…')": json.dumps(status)}]


def in_bucket(url: str) -> str:
    return url.split("/", 3)[3]


def grant(privilege: str, role: str, granted_to: str = "ROLE") -> Row:
    """A row of SHOW GRANTS."""
    return {"privilege": privilege, "granted_to": granted_to, "grantee_name": role, "grant_option": "false"}
