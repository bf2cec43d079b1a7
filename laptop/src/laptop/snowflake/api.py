"""The connector's requests and their answers."""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from typing import Any

from laptop.snowflake import errors, wire
from laptop.snowflake.commands.temporary import drop_leftovers, drop_temporary
from laptop.snowflake.commands.use import bill_warehouse, enter_if_visible, take_warehouse_if_usable
from laptop.snowflake.engine import Engine
from laptop.snowflake.errors import SnowflakeError
from laptop.snowflake.executor import execute
from laptop.snowflake.faults import Fault
from laptop.snowflake.load_reports import Reply, load_history_scan
from laptop.snowflake.login import LoginRequest, authenticate, choose_role
from laptop.snowflake.login_history import Login
from laptop.snowflake.login_policies import check_policies
from laptop.snowflake.objects import User
from laptop.snowflake.parameters import (
    AUTOCOMMIT,
    FOLD_QUOTED,
    STATEMENT_TIMEOUT,
    checked,
    setting,
    timezone,
)
from laptop.snowflake.session import Session
from laptop.snowflake.sessions import MASTER_SECONDS, SESSION_SECONDS, Sessions
from laptop.snowflake.sql.lexer import fold_quoted
from laptop.snowflake.sql.parser import first_word, parse
from laptop.snowflake.sql.reader import parse_name

logger = logging.getLogger(__name__)
Answer = dict[str, Any]
_OK: Answer = {"data": None, "success": True, "code": None, "message": None}


class UnavailableError(Exception):
    """Answer with 503: the client may retry."""


class LostAnswerError(Exception):
    """Drop the connection instead of answering."""


class Api:
    """Login, renewal, logout and statements."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._faults = engine.faults
        self._sessions = Sessions()
        self._stopping = threading.Event()
        self._aborted: dict[str, threading.Event] = {}
        drop_leftovers(engine)

    def stop(self) -> None:
        """Release hanging requests."""
        self._stopping.set()
        for event in list(self._aborted.values()):
            event.set()

    def login(self, query: dict[str, str], body: bytes) -> Answer:
        """POST /session/v1/login-request."""
        data = json.loads(body)["data"]
        name = str(data.get("LOGIN_NAME", ""))
        self._suffer(f"LOGIN {name}", "", "")
        request = LoginRequest(
            login_name=name,
            authenticator=str(data.get("AUTHENTICATOR", "")),
            token=str(data.get("TOKEN", "")),
            account=str(data.get("ACCOUNT_NAME", "")),
            role=_identifier(query.get("roleName")),
        )
        session = self._begin(request, query)
        for parameter, value in (data.get("SESSION_PARAMETERS") or {}).items():
            if not parameter.upper().startswith("CLIENT_"):
                session.parameters[parameter.upper()] = checked(parameter.upper(), value, "SESSION")
        zone = timezone(self._engine.catalog, session)
        tokens = self._sessions.open(session)
        logger.info("login user=%s role=%s session=%d", session.user, session.role, session.id)
        data = {
            "token": tokens.session,
            "masterToken": tokens.master,
            "validityInSeconds": SESSION_SECONDS,
            "masterValidityInSeconds": MASTER_SECONDS,
            "displayUserName": session.user,
            "serverVersion": "0.0.0 stand-in",
            "sessionId": session.id,
            "parameters": [
                {"name": AUTOCOMMIT, "value": setting(self._engine.catalog, AUTOCOMMIT, session)},
                {"name": "TIMEZONE", "value": zone},
            ],
            "sessionInfo": {
                "databaseName": session.database,
                "schemaName": session.schema,
                "warehouseName": session.warehouse,
                "roleName": session.role,
            },
        }
        return {**_OK, "data": data}

    def _begin(self, request: LoginRequest, query: dict[str, str]) -> Session:
        user, role = self._enter(request)
        session = Session(self._sessions.next_id(), user.name.last, role)
        database, schema = _identifier(query.get("databaseName")), _identifier(query.get("schemaName"))
        enter_if_visible(self._engine, session, database, schema)
        wanted = _identifier(query.get("warehouse")) or _identifier(user.default_warehouse)
        take_warehouse_if_usable(self._engine, session, wanted)
        return session

    def _enter(self, request: LoginRequest) -> tuple[User, str]:
        """The user that logs in, and the role; each try is noted for the login history."""
        catalog, name = self._engine.catalog, request.login_name.upper()
        try:
            user = authenticate(catalog, request)
            check_policies(catalog, user)
            role = choose_role(catalog, self._engine.grants, user, request.role)
        except SnowflakeError as error:
            self._engine.logins.note(Login(name, error.errno, error.message))
            raise
        self._engine.logins.note(Login(name))
        return user, role

    def billed_seconds(self) -> dict[str, dict[str, float]]:
        """GET /warehouses: billed seconds by warehouse, and by the user who resumed it."""
        return self._engine.meter.seconds()

    def renew(self, token: str, body: bytes) -> Answer:
        """POST /session/token-request."""
        session, tokens = self._sessions.renew(token, str(json.loads(body).get("oldSessionToken", "")))
        data = {
            "sessionToken": tokens.session,
            "masterToken": tokens.master,
            "validityInSecondsST": SESSION_SECONDS,
            "validityInSecondsMT": MASTER_SECONDS,
            "sessionId": session.id,
        }
        return {**_OK, "data": data}

    def logout(self, token: str) -> Answer:
        """POST /session?delete=true."""
        session = self._sessions.close(token)
        if session:
            drop_temporary(self._engine, session)
        return _OK

    def heartbeat(self, token: str) -> Answer:
        """POST /session/heartbeat."""
        self._sessions.get(token)
        return _OK

    def load_history_scan(self, authorization: str, pipe: str, query: dict[str, str]) -> Reply:
        """GET /v1/data/pipes/<pipe>/loadHistoryScan: the document and the HTTP status."""
        fault = self._faults.take(f"GET loadHistoryScan {pipe}")
        if fault is None:
            return load_history_scan(self._engine, authorization, pipe, query)
        return {"message": fault.message}, 429 if fault.kind == "http_429" else 503

    def abort(self, body: bytes) -> Answer:
        """POST /queries/v1/abort-request: only a hanging request can still be stopped."""
        event = self._aborted.get(str(json.loads(body).get("requestId", "")))
        if event:
            event.set()
        return _OK

    def query(self, token: str, query: dict[str, str], body: bytes) -> Answer:
        """POST /queries/v1/query-request."""
        if self._stopping.is_set():
            raise UnavailableError
        session = self._sessions.get(token)
        request = json.loads(body)
        request_id, sql = query.get("requestId", ""), str(request.get("sqlText", ""))
        with session.lock:
            if request_id and request_id in session.answers:
                return session.answers[request_id]
            limit = float(setting(self._engine.catalog, STATEMENT_TIMEOUT, session)) or math.inf
            fault = self._suffer(sql, request_id, token, limit)
            answer = self._run(session, sql, request)
            session.remember(request_id, answer)
        if fault is not None:
            raise LostAnswerError
        return answer

    def _run(self, session: Session, sql: str, request: Answer) -> Answer:
        started, statement_id, said = time.monotonic(), wire.query_id(), "ok"
        label = first_word(sql)
        session.query_id = statement_id
        try:
            _check_request(request)
            folds = setting(self._engine.catalog, FOLD_QUOTED, session)
            statement = parse(fold_quoted(sql) if folds else sql)
            label = _label(statement, label)
            result = execute(self._engine, session, statement)
            return wire.answer(result, session, statement_id, timezone(self._engine.catalog, session))
        except SnowflakeError as error:
            said = error.code
            return wire.refusal(error, statement_id)
        except Exception:
            # A bug of the stand-in in one statement must not stop the server.
            logger.exception("statement %s failed", label)
            broken = errors.broken()
            said = broken.code
            return wire.refusal(broken, statement_id)
        finally:
            elapsed = (time.monotonic() - started) * 1000
            bill_warehouse(self._engine, session, elapsed / 1000)
            logger.info(
                "statement=%r user=%s role=%s ms=%.0f result=%s",
                label,
                session.user,
                session.role,
                elapsed,
                said,
            )

    def _suffer(self, text: str, request_id: str, token: str, limit: float = math.inf) -> Fault | None:
        """Cause a requested fault, for at most `limit` seconds; one that only loses the answer is returned."""
        fault = self._faults.take(text)
        if fault is None or fault.kind == "lost_answer":
            return fault
        logger.info("fault kind=%s", fault.kind)
        if fault.kind == "cut":
            raise LostAnswerError
        if fault.kind == "http_503":
            raise UnavailableError
        if fault.kind == "expired_session":
            self._sessions.expire(token)
            raise SnowflakeError("Session token expired.", errno=390112, sqlstate="08001")
        if fault.kind == "hang":
            self._hang(request_id, min(fault.seconds, limit))
            if fault.seconds > limit:
                raise errors.timed_out(limit)
            raise SnowflakeError("SQL execution canceled", errno=604, sqlstate="57014")
        raise SnowflakeError(fault.message, errno=fault.errno, sqlstate=fault.sqlstate)

    def _hang(self, request_id: str, seconds: float) -> None:
        event = self._aborted.setdefault(request_id, threading.Event())
        if self._stopping.is_set():
            event.set()
        event.wait(seconds)
        self._aborted.pop(request_id, None)


def _check_request(request: Answer) -> None:
    for feature in ("bindings", "bindStage", "asyncExec", "describeOnly"):
        if request.get(feature):
            raise errors.unsupported(f"{feature} of a query request")


def _label(statement: object, verb: str) -> str:
    """The name of a statement in the log: never its text, which may hold a key."""
    kind, name = getattr(statement, "kind", ""), getattr(statement, "name", "")
    return " ".join(str(part) for part in (verb, kind, name) if part)


def _identifier(text: str | None) -> str | None:
    return parse_name(text).last if text else None
