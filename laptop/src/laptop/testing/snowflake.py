"""The stand-in under test, with a lake and a queue in memory, driven by the real connector."""

from __future__ import annotations

import datetime as dt
import hashlib
import queue as queues
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import snowflake.connector
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from snowflake.connector import DictCursor

from laptop.cloud.environment import connection_settings
from laptop.snowflake.engine import open_engine
from laptop.snowflake.executor import execute
from laptop.snowflake.lake import (
    AssumedRole,
    LakeDeniedError,
    LakeFile,
    LakeKeys,
    LakeMissingError,
    LakeObject,
    RoleDeniedError,
)
from laptop.snowflake.objects import Credentials, now
from laptop.snowflake.queue import Message, Notification, QueueUnavailableError
from laptop.snowflake.server import Server
from laptop.snowflake.session import Session
from laptop.snowflake.sql.parser import parse

KEY_ID, SECRET = "AKIALAKEREADER", "lake-secret-never-shown"
COPY = """COPY INTO "DB"."RAW"."CLICKS" FROM @"DB"."RAW"."LAKE" FILE_FORMAT = (FORMAT_NAME = '"DB"."RAW"."JSON"')
    MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE INCLUDE_METADATA = ("SOURCE_FILE" = METADATA$FILENAME,
    "SOURCE_ROW" = METADATA$FILE_ROW_NUMBER, "LOADED_AT" = METADATA$START_SCAN_TIME)"""
LANDING = (
    'CREATE DATABASE "DB"',
    'CREATE SCHEMA "DB"."RAW"',
    'CREATE FILE FORMAT "DB"."RAW"."JSON" TYPE = JSON COMPRESSION = AUTO STRIP_OUTER_ARRAY = TRUE',
    f"""CREATE STAGE "DB"."RAW"."LAKE" URL = 's3://lake/events/'
        CREDENTIALS = (AWS_KEY_ID = '{KEY_ID}' AWS_SECRET_KEY = '{SECRET}')""",
    """CREATE TABLE "DB"."RAW"."CLICKS" ("EVENT_ID" VARCHAR NOT NULL, "TIMESTAMP" TIMESTAMP_TZ,
        "SCROLL_DEPTH" NUMBER(38,0), "SESSION_DURATION" FLOAT, "PROPERTIES" VARIANT, "SOURCE_FILE" VARCHAR,
        "SOURCE_ROW" NUMBER(38,0), "LOADED_AT" TIMESTAMP_LTZ) ENABLE_SCHEMA_EVOLUTION = TRUE""",
)
PIPE = f'CREATE PIPE "DB"."RAW"."PIPE" AUTO_INGEST = TRUE AS {COPY} ON_ERROR = CONTINUE'
Rows = list[dict[str, Any]]


class MemoryLake:
    """Object storage in memory that checks keys."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], LakeFile] = {}
        self.allowed: set[str] = {SECRET}
        self.roles: set[AssumedRole] = set()

    def put(self, bucket: str, key: str, body: bytes, modified_on: dt.datetime | None = None) -> None:
        """Add an object."""
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        self.files[bucket, key] = LakeFile(LakeObject(key, len(body), etag, modified_on or now()), body)

    def list(self, bucket: str, prefix: str, keys: LakeKeys) -> list[LakeObject]:
        """The objects under a prefix."""
        self._check(keys, prefix)
        return [
            f.object for (b, key), f in sorted(self.files.items()) if b == bucket and key.startswith(prefix)
        ]

    def get(self, bucket: str, key: str, keys: LakeKeys) -> LakeFile:
        """One object and its content."""
        self._check(keys, key)
        if (bucket, key) not in self.files:
            raise LakeMissingError(f"Remote file 's3://{bucket}/{key}' was not found.")
        return self.files[bucket, key]

    def _check(self, keys: LakeKeys, where: str) -> None:
        if isinstance(keys, AssumedRole):
            if keys not in self.roles:
                raise RoleDeniedError("Error assuming AWS_ROLE.")
            return
        if not isinstance(keys, Credentials) or keys.secret_key not in self.allowed:
            raise LakeDeniedError(f"Failure using stage area. Cause: [AccessDenied] for '{where}'")


class MemoryQueue:
    """A queue in memory; undeleted messages can be inspected."""

    def __init__(self) -> None:
        self._messages: queues.Queue[Message] = queues.Queue()
        self.undeleted: dict[str, Message] = {}
        self.failing_deletes = 0

    def ensure(self) -> str:
        """The queue's ARN."""
        return "arn:aws:sqs:eu-west-1:000000000000:sf-snowpipe-LOCAL-test"

    def send(self, *notifications: Notification) -> None:
        """Add one message, as S3 would."""
        message = Message(f"receipt-{time.monotonic_ns()}", notifications)
        self.undeleted[message.receipt] = message
        self._messages.put(message)

    def receive(self, *, wait_seconds: int) -> list[Message]:
        """Up to ten messages; waits a twentieth of the time, so that tests are quick."""
        try:
            found = [self._messages.get(timeout=wait_seconds / 20)]
        except queues.Empty:
            return []
        while len(found) < 10 and not self._messages.empty():
            found.append(self._messages.get())
        return found

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages; fails `failing_deletes` times."""
        if self.failing_deletes:
            self.failing_deletes -= 1
            raise QueueUnavailableError("on request")
        for message in messages:
            del self.undeleted[message.receipt]

    def redeliver(self) -> None:
        """Deliver undeleted messages again, as after the visibility timeout."""
        for message in list(self.undeleted.values()):
            self._messages.put(message)


class KeyPair:
    """A key pair in the formats of the connector and CREATE USER."""

    def __init__(self) -> None:
        private = rsa.generate_private_key(65537, 2048)
        self.private = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        self.public_pem = public
        self.public_body = "".join(public.splitlines()[1:-1])


class Account:
    """The stand-in under test, with helper methods."""

    def __init__(self, state_dir: Path, admin: KeyPair) -> None:
        self.admin = admin
        self.lake = MemoryLake()
        self.queue = MemoryQueue()
        self._state_dir = state_dir
        self._connections: list[Any] = []
        self.server = self.serve()

    def serve(self, port: int = 0) -> Server:
        """Start a server on the state folder."""
        self.engine = open_engine(
            self._state_dir,
            lake=self.lake,
            make_queue=lambda _: self.queue,
            admin_public_key=self.admin.public_pem,
        )
        server = Server(self.engine, port=port)
        server.start()
        return server

    def run(self, role: str, *sql: str) -> list[tuple[Any, ...]]:
        """Run statements as the administrator, bypassing the connector; return the rows of the last one."""
        session, rows = Session(1, "ADMIN", role, warehouse="COMPUTE_WH"), []
        for text in sql:
            with self.engine.store.lock:
                rows = execute(self.engine, session, parse(text)).rows
        return list(rows)

    def restart(self) -> None:
        """Stop the server and start a new one."""
        self.close_connections()
        self.server.stop()
        self.server = self.serve()

    def connect(self, user: str = "ADMIN", key: KeyPair | None = None, **options: Any) -> Any:
        """A session of the real connector."""
        private_key = (key or self.admin).private
        settings = connection_settings(port=self.server.port, private_key=private_key, user=user)
        connection = snowflake.connector.connect(**settings, **options)
        self._connections.append(connection)
        return connection

    def close_connections(self) -> None:
        """Log out of every session."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def put(self, key: str, body: bytes, *, notify: bool = True, **options: Any) -> None:
        """Add a file to the lake and its notification to the queue."""
        self.lake.put("lake", f"events/{key}", body, **options)
        if notify:
            self.notify(key)

    def notify(self, *keys: str) -> None:
        """Send notifications of files to the queue."""
        self.queue.send(*(Notification("lake", f"events/{key}", now()) for key in keys))


def runner(connection: Any) -> Callable[..., Rows]:
    """Return a function that runs statements and returns the rows of the last one."""

    def execute(*statements: str) -> Rows:
        rows: Rows = []
        for sql in statements:
            with closing(connection.cursor(DictCursor)) as cursor:
                rows = cursor.execute(sql).fetchall()
        return rows

    return execute
