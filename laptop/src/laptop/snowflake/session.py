"""A session's state: user, role, warehouse, database and schema."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from laptop.snowflake import errors
from laptop.snowflake.names import Kind, Name
from laptop.snowflake.objects import Setting


@dataclass
class Session:
    """Changes with USE; `lock` makes its statements take turns."""

    id: int
    user: str
    role: str
    database: str | None = None
    schema: str | None = None
    warehouse: str | None = None
    # The id of the statement that runs now, and whether it runs on the warehouse.
    query_id: str = ""
    on_warehouse: bool = False
    parameters: dict[str, Setting] = field(default_factory=dict)
    # Its temporary tables: each hides a table of the same name.
    temporary: set[Name] = field(default_factory=set, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    # A client that lost an answer repeats the request with the same id, which must not run twice.
    answers: OrderedDict[str, dict[str, Any]] = field(default_factory=OrderedDict, repr=False)

    def resolve(self, name: Name, kind: Kind, action: str = "this operation") -> Name:
        """The full name, completed with the session's database and schema.

        Raises:
            SnowflakeError: A part is missing and the session has none, or there are too many.
        """
        missing = kind.depth - len(name.parts)
        if missing < 0:
            raise errors.compilation_error(
                f"Invalid name '{name}' for a {kind.lower()}.", errno=1003, sqlstate="42000"
            )
        if missing and not self.database:
            raise errors.no_current("database", action)
        if missing and kind.depth == 3 and not self.schema:
            raise errors.no_current("schema", action)
        context = (self.database or "", self.schema or "") if kind.depth == 3 else (self.database or "",)
        full = Name((*context[:missing], *name.parts))
        return hidden if kind is Kind.TABLE and (hidden := self.own(full)) in self.temporary else full

    def own(self, full: Name) -> Name:
        """The name of a temporary table of this session."""
        return Name(full.parts, self.id)

    def remember(self, request_id: str, answer: dict[str, Any]) -> None:
        """Keep the answer for a repeated request."""
        self.answers[request_id] = answer
        while len(self.answers) > 20:
            self.answers.popitem(last=False)
