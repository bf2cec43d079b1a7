"""The load history of a pipe by the Snowpipe REST API, which needs no warehouse.

The endpoint is rate limited, so that each record can be read "a handful of times", and 10,000 files fit into an answer.
The user's default role needs MONITOR on the pipe; a token is a JWT signed with the user's key, or `WIF.AWS.<token>`.
https://docs.snowflake.com/en/user-guide/data-load-snowpipe-rest-apis
https://docs.snowflake.com/en/user-guide/data-load-snowpipe-rest-overview
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol
from uuid import uuid4

from pipeline_monitor.errors import MonitorError
from pipeline_monitor.tokens import key_pair_token, workload_identity_token
from snowflake_setup.session.secrets import SecretStore
from snowflake_setup.session.session import Row
from snowflake_setup.session.settings import Settings
from snowflake_setup.sql.identifiers import ObjectName

_SECONDS = 5
_MOST_PAGES = 10
# The fields of a file in the answer, by the columns of COPY_HISTORY that say the same.
_COLUMNS = {
    "file_name": "path",
    "last_load_time": "lastInsertTime",
    "pipe_received_time": "timeReceived",
    "row_count": "rowsInserted",
    "row_parsed": "rowsParsed",
    "file_size": "fileSize",
    "error_count": "errorsSeen",
}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected request would carry the token to another host."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none: the answer is an error with its code."""


_OPENER = urllib.request.build_opener(_NoRedirect())


class LoadReports(Protocol):
    """A source of load histories; a test brings its own."""

    def since(self, pipe: ObjectName, moment: datetime) -> list[Row]:
        """The files that the pipe has loaded, or tried to load, since then, as COPY_HISTORY would show them.

        Raises:
            MonitorError: they could not be read.
        """


class SnowpipeReports:
    """The REST API of an account.

    Args:
        login: the account and the user.
        secrets: a source of the user's key.
    """

    def __init__(self, login: Settings, secrets: SecretStore) -> None:
        self._login = login
        self._secrets = secrets

    def since(self, pipe: ObjectName, moment: datetime) -> list[Row]:
        """The files that the pipe has loaded, or tried to load, since then, as COPY_HISTORY would show them.

        Raises:
            MonitorError: they could not be read.
        """
        files: dict[str, Row] = {}
        start = moment.astimezone(UTC).isoformat(timespec="milliseconds")
        for _ in range(_MOST_PAGES):
            try:
                answer = self._page(pipe, start)
                for file in answer["files"]:
                    files[str(file["path"])] = _row(file)
                if str(answer["completeResult"]).lower() == "true":
                    return list(files.values())
                start = str(answer["rangeEndTime"])
            except (LookupError, TypeError, ValueError) as error:
                raise MonitorError(
                    f"load history of {pipe}: the answer is malformed, {type(error).__name__}: {error}"
                ) from None
        raise MonitorError(f"load history of {pipe}: more than {_MOST_PAGES} answers of 10,000 files")

    def _page(self, pipe: ObjectName, start: str) -> Mapping[str, Any]:
        query = urllib.parse.urlencode({"startTimeInclusive": start, "requestId": str(uuid4())})
        path = f"/v1/data/pipes/{urllib.parse.quote(pipe.sql(), safe='.')}/loadHistoryScan?{query}"
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        request = urllib.request.Request(f"{self._origin}{path}", headers=headers)  # noqa: S310 - http on the laptop
        try:
            with _OPENER.open(request, timeout=_SECONDS) as answer:
                found: Mapping[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            raise MonitorError(
                f"load history of {pipe}: the Snowpipe REST API answers {error.code}"
            ) from None
        except OSError as error:
            raise MonitorError(f"load history of {pipe}: {type(error).__name__}: {error}") from None

    @property
    def _origin(self) -> str:
        login = self._login
        host = login.host or f"{login.account}.snowflakecomputing.com"
        return f"{login.protocol or 'https'}://{host}{f':{login.port}' if login.port else ''}"

    @cached_property
    def _token(self) -> str:
        if self._login.login == "workload_identity":
            return workload_identity_token()
        return key_pair_token(self._login, self._secrets, int(time.time()))


def _row(file: Mapping[str, Any]) -> Row:
    return {
        "status": str(file["status"]).replace("_", " "),
        **{column: file.get(field) for column, field in _COLUMNS.items()},
    }
