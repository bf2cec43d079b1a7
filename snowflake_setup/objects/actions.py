"""The parts of a plan: statements, steps that need answers on the way, and remarks."""

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
    """Something that a person may want to know, and that no statement says.

    Attributes:
        message: what it is.
        fields: the details.
        unknown: whether it is about a part of the plan that only the deployment will know.
    """

    message: str
    fields: Mapping[str, object] = field(default_factory=dict)
    unknown: bool = False


class Step(ABC):
    """More than one statement, with questions in between whose answers decide how it goes on."""

    @abstractmethod
    def carry_out(self, invocation: Invocation) -> None:
        """Do it."""

    @abstractmethod
    def preview(self, see: See, invocation: Invocation) -> list[Statement | Remark]:
        """The statements as far as they can be told by reading; the session of `invocation` changes nothing."""


Action: TypeAlias = Statement | Step | Remark


def changes(actions: Iterable[Action]) -> bool:
    """Whether carrying the actions out sends a statement."""
    return any(isinstance(action, Statement | Step) for action in actions)


def carry_out(actions: Iterable[Action], invocation: Invocation) -> None:
    """Do what was planned, in order."""
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
