"""The Snowpipe REST API's loadHistoryScan: the load history of a pipe, without a session and without a warehouse.

A request runs with its user's default role, which needs MONITOR on the pipe. The pages do not say how often a record
may be read, only that reading a day each minute is too much: the fault `http_429` is for that.
https://docs.snowflake.com/en/user-guide/data-load-snowpipe-rest-apis
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import unquote

import jwt

from laptop.snowflake.engine import Engine
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.login import ACCOUNT, LoginRequest, authenticate, choose_role
from laptop.snowflake.login_policies import check_policies
from laptop.snowflake.objects import Pipe, now
from laptop.snowflake.sql.reader import parse_name

Reply = tuple[dict[str, Any], int]
_DAYS, _MOST = 14, 10_000
_STATUS = {"Load skipped": "LOAD_FAILED"}  # the API has no such status
_FIELDS = (
    "path, stage_location, file_size, pipe_received_time, last_load_time, row_count, row_parsed, error_count, "
    "error_limit, status"
)


def load_history_scan(engine: Engine, authorization: str, pipe_name: str, query: dict[str, str]) -> Reply:
    """GET /v1/data/pipes/<pipe>/loadHistoryScan: the document and the HTTP status."""
    try:
        role = _role(engine, authorization)
    except SnowflakeError as error:
        return {"message": error.message}, 401
    try:
        pipe = engine.access.visible(role, Pipe, parse_name(unquote(pipe_name)))
    except SnowflakeError:
        return {"message": "Specified object does not exist or not authorized."}, 404
    if not engine.access.has(role, "MONITOR", pipe):
        return {"message": "Insufficient privileges."}, 403
    try:
        start = dt.datetime.fromisoformat(query["startTimeInclusive"])
        end = dt.datetime.fromisoformat(query["endTimeExclusive"]) if "endTimeExclusive" in query else now()
    except (KeyError, ValueError):
        return {"message": "startTimeInclusive is an ISO-8601 timestamp"}, 400
    shown = min(end, now() - engine.history_delay)
    rows = engine.store.rows(
        f"SELECT {_FIELDS} FROM account.load_history WHERE pipe_id = ? AND last_load_time >= ? "
        "AND last_load_time <= ? ORDER BY last_load_time",
        [pipe.id, max(start, now() - dt.timedelta(days=_DAYS)), shown],
    )
    files = [_file(pipe, row) for row in rows[:_MOST]]
    answer = {
        "pipe": str(pipe.name),
        "completeResult": "true" if len(rows) <= _MOST else "false",
        "startTimeInclusive": _timestamp(start),
        "endTimeExclusive": _timestamp(end),
        "rangeStartTime": files[0]["lastInsertTime"] if files else _timestamp(start),
        "rangeEndTime": files[-1]["lastInsertTime"] if files else _timestamp(end),
        "files": files,
    }
    return answer, 200


def _role(engine: Engine, authorization: str) -> str:
    token = authorization.removeprefix("Bearer ")
    try:
        account, _, user = str(jwt.decode(token, options={"verify_signature": False})["sub"]).partition(".")
    except (jwt.InvalidTokenError, KeyError):
        account, user = ACCOUNT, ""
    request = LoginRequest(login_name=user, authenticator="SNOWFLAKE_JWT", token=token, account=account)
    found = authenticate(engine.catalog, request)
    check_policies(engine.catalog, found)
    return choose_role(engine.catalog, engine.grants, found, None)


def _file(pipe: Pipe, row: tuple[Any, ...]) -> dict[str, Any]:
    path, location, size, received, loaded, rows, parsed, errors, limit, status = row
    folder = pipe.copy_spec.path
    key = path.removeprefix(location.removeprefix("s3://").partition("/")[2])
    return {
        "path": key.removeprefix(folder),
        "stageLocation": f"{location}{folder}",
        "fileSize": size,
        "timeReceived": _timestamp(received),
        "lastInsertTime": _timestamp(loaded),
        "rowsInserted": rows,
        "rowsParsed": parsed,
        "errorsSeen": errors,
        "errorLimit": limit,
        "complete": status == "Loaded",
        "status": _STATUS.get(status, status.upper().replace(" ", "_")),
    }


def _timestamp(moment: dt.datetime) -> str:
    utc = moment.astimezone(dt.UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
