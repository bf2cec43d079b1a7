"""The function's environment, checked completely before the first statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from clickstream_wire.environment import Login as Variable
from clickstream_wire.environment import LoginMethod
from snowflake_setup.session.errors import SettingsError

Protocol = Literal["http", "https"]


@dataclass(frozen=True)
class Settings:
    """The account to log in to, the user, and the login method."""

    account: str
    user: str
    role: str
    login: LoginMethod
    login_secret_arn: str | None = None
    warehouse: str | None = None
    host: str | None = None
    port: int | None = None
    protocol: Protocol | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Settings from the environment; all mistakes are reported together."""
        return _Reader(environment).settings()


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._mistakes: list[str] = []

    def settings(self) -> Settings:
        login = self._login()
        settings = Settings(
            account=self._required(Variable.ACCOUNT),
            user=self._required(Variable.USER),
            role=self._required(Variable.ROLE),
            login=login,
            login_secret_arn=self._secret_arn(login),
            warehouse=self._optional(Variable.WAREHOUSE),
            host=self._optional(Variable.HOST),
            port=self._port(),
            protocol=self._protocol(),
        )
        if "/" in settings.account:
            self._mistakes.append(f"{Variable.ACCOUNT} has no '/', got {settings.account!r}")
        if self._mistakes:
            raise SettingsError("the function's environment is wrong: " + "; ".join(self._mistakes))
        return settings

    def _optional(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def _required(self, name: str) -> str:
        value = self._optional(name)
        if value is None:
            self._mistakes.append(f"{name} is missing")
        return value or ""

    def _login(self) -> LoginMethod:
        match self._optional(Variable.METHOD):
            case "key_pair":
                return "key_pair"
            case "workload_identity":
                return "workload_identity"
            case other:
                self._mistakes.append(
                    f"{Variable.METHOD} must be key_pair or workload_identity, got {other!r}"
                )
                return "workload_identity"

    def _secret_arn(self, login: LoginMethod) -> str | None:
        return self._required(Variable.SECRET_ARN) if login == "key_pair" else None

    def _port(self) -> int | None:
        text = self._optional(Variable.PORT)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            self._mistakes.append(f"{Variable.PORT} must be 1 to 65535, got {text!r}")
            return None
        return int(text)

    def _protocol(self) -> Protocol | None:
        match self._optional(Variable.PROTOCOL):
            case None:
                return None
            case "http":
                return "http"
            case "https":
                return "https"
            case other:
                self._mistakes.append(f"{Variable.PROTOCOL} must be https or http, got {other!r}")
                return None
