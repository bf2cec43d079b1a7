"""The Snowpipe REST API's load history."""

from __future__ import annotations

import datetime as dt
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from laptop.snowflake.login import fingerprint
from laptop.testing.snowflake import Account, KeyPair, Rows, runner
from laptop.testing.stand_in import Notification, Pipe, now
from laptop.testing.waiting import eventually

PIPE = "DB.RAW.PIPE"


def token(key: KeyPair, user: str = "ADMIN", **claims: Any) -> str:
    subject = f"LOCAL.{user}"
    issued = int(now().timestamp())
    given = {
        "iss": f"{subject}.{fingerprint(key.public_body)}",
        "sub": subject,
        "iat": issued,
        "exp": issued + 300,
    }
    return jwt.encode({**given, **claims}, key.private, algorithm="RS256")


def scan(account: Account, bearer: str, pipe: str = PIPE, **query: str) -> tuple[int, dict[str, Any]]:
    url = (
        f"http://127.0.0.1:{account.server.port}/v1/data/pipes/{pipe}/loadHistoryScan?"
        + urllib.parse.urlencode(query)
    )
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {bearer}"})
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture
def loaded(piped: Callable[..., Rows], account: Account) -> Account:
    """A pipe that has loaded a good, a half and a bad file."""
    files = {
        "good.json": b'{"EVENT_ID": "a"}',
        "half.json": b'{"EVENT_ID": "b"}\nno',
        "bad.json.gz": b"no gzip",
    }
    for name, body in files.items():
        account.lake.put("lake", f"events/{name}", body)
        account.queue.send(Notification("lake", f"events/{name}", now()))
    (pipe,) = account.engine.catalog.all(Pipe)
    eventually(lambda: len(account.engine.loader.history.seen_by_pipe(pipe)) == len(files))
    return account


def test_it_shows_what_a_pipe_has_loaded_without_a_session(loaded: Account, admin_key: KeyPair) -> None:
    since = (now() - dt.timedelta(minutes=5)).isoformat()
    status, answer = scan(loaded, token(admin_key), "%22DB%22.%22RAW%22.PIPE", startTimeInclusive=since)
    assert (status, answer["completeResult"]) == (200, "true")
    told = {
        file["path"]: (file["status"], file["rowsInserted"], file["errorsSeen"]) for file in answer["files"]
    }
    assert told == {
        "good.json": ("LOADED", 1, 0),
        "half.json": ("PARTIALLY_LOADED", 1, 1),
        "bad.json.gz": ("LOAD_FAILED", 0, 1),
    }
    assert loaded.engine.meter.seconds() == {}
    later = (now() + dt.timedelta(minutes=1)).isoformat()
    assert scan(loaded, token(admin_key), startTimeInclusive=later)[1]["files"] == []


def test_it_refuses_as_snowflake_does(loaded: Account, admin_key: KeyPair, other_key: KeyPair) -> None:
    runner(loaded.connect())(
        "CREATE ROLE WATCH",
        f"CREATE USER SVC TYPE = SERVICE DEFAULT_ROLE = WATCH RSA_PUBLIC_KEY = '{other_key.public_body}'",
        "GRANT ROLE WATCH TO USER SVC",
    )
    since = now().isoformat()
    user = token(other_key, "SVC")
    assert scan(loaded, token(other_key), startTimeInclusive=since)[0] == 401
    assert scan(loaded, "WIF.AWS.x", startTimeInclusive=since)[0] == 401
    assert scan(loaded, token(admin_key, exp=1), startTimeInclusive=since)[0] == 401
    assert scan(loaded, user, startTimeInclusive=since)[0] == 404
    run = runner(loaded.connect())
    run("GRANT USAGE ON DATABASE DB TO ROLE WATCH", "GRANT USAGE ON SCHEMA DB.RAW TO ROLE WATCH")
    run(f"GRANT OPERATE ON PIPE {PIPE} TO ROLE WATCH")
    assert scan(loaded, user, startTimeInclusive=since)[0] == 403
    run(f"GRANT MONITOR ON PIPE {PIPE} TO ROLE WATCH")
    assert scan(loaded, user, startTimeInclusive=since)[0] == 200
    assert scan(loaded, user)[0] == 400
