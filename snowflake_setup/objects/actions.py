"""The parts of a plan: statements, steps that query in between, and remarks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from snowflake_setup.objects.look import See
from snowflake_setup.session.invocation import Invocation
from snowflake_setup.sql.base import Drop, Statement


@dataclass(frozen=True)
class Remark:
    """Additional information for the reader of a plan or log.

    Attributes:
        message: the text.
        fields: the details.
        unknown: whether it is about a part of the plan that is known only at deployment.
    """

    message: str
    fields: Mapping[str, object] = field(default_factory=dict)
    unknown: bool = False


class Step(ABC):
    """Several statements, with queries in between whose results determine the next statement."""

    @abstractmethod
    def carry_out(self, invocation: Invocation) -> None:
        """Do it."""

    @abstractmethod
    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        """The statements as far as reading can predict them; the session of `invocation` changes nothing."""


Action: TypeAlias = Statement | Step | Remark


def changes(actions: Iterable[Action]) -> bool:
    """True if carrying the actions out sends a statement."""
    return any(isinstance(action, Statement | Step) for action in actions)


def carry_out(actions: Iterable[Action], invocation: Invocation) -> None:
    """Carry out the planned actions, in order."""
    for action in actions:
        match action:
            case Drop():
                invocation.drop(action)
            case Statement():
                invocation.make(action)
            case Step():
                action.carry_out(invocation)
            case Remark():
                invocation.log.warning(action.message, **action.fields)
