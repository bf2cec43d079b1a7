"""Ways to break a deployed laptop cloud, or what AWS and Snowflake answer the doctor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from cli.deployment import Deployment
from cli.doctor.patient import Patient, Row
from config.files import load_config
from config.model import PipelineConfig
from tests.e2e.laptop import Laptop
from tests.e2e.plain.conftest import ENV


class Examined(Deployment):
    """The laptop's deployment, seen by the doctor without leaving this process's environment."""

    def __init__(self, laptop: Laptop) -> None:
        super().__init__(load_config(ENV, laptop.config))
        self.laptop = laptop
        self.client = cache(laptop.client)  # type: ignore[method-assign]

    @property
    def region(self) -> str:
        return "eu-west-1"

    @property
    def snowflake_address(self) -> dict[str, Any]:
        raise NotImplementedError

    def _own_login(self) -> dict[str, Any]:
        return self.laptop.cloud.snowflake_connection()

    @property
    def bucket(self) -> str:
        """The event lake."""
        return self.lake_bucket()

    def run(self, *statements: str) -> None:
        """Run statements as the administrator."""
        for sql in statements:
            self.laptop.query(sql)


Fault = AbstractContextManager[Any]
# The fault, the check that has to find it, and the fault's context.
Faults = dict[str, tuple[str, Callable[[Examined], Fault]]]


@contextmanager
def statements(there: Examined, breaking: str, repairing: str) -> Iterator[None]:
    """SQL that breaks something, and SQL that repairs it; several statements are separated by semicolons."""
    there.run(*breaking.split("; "))
    try:
        yield
    finally:
        there.run(*repairing.split("; "))


def answered(fragment: str, change: Callable[[list[Row]], list[Row]]) -> Fault:
    """Rows of statements with this fragment, changed."""
    run = Patient.run

    def changed(patient: Patient, sql: str) -> list[Row]:
        rows = run(patient, sql)
        return change(rows) if fragment in sql else rows

    return patch.object(Patient, "run", changed)


def every(**values: Any) -> Callable[[list[Row]], list[Row]]:
    """Rows with other values in these columns."""
    return lambda rows: [row | values for row in rows]


def aws(there: Examined, service: str, call: str, change: Callable[[Any], Any]) -> Fault:
    """The answer of a call to AWS, changed."""
    client = there.client(service)
    original = getattr(client, call)
    return patch.object(client, call, lambda **given: change(original(**given)))


def refusing(there: Examined, service: str, call: str) -> Fault:
    """A call to AWS that finds nothing."""
    client = there.client(service)
    error = client.exceptions.ResourceNotFoundException(
        {"Error": {"Code": "ResourceNotFoundException"}}, call
    )
    assert isinstance(error, ClientError)

    def refuse(**given: Any) -> None:
        raise error

    return patch.object(client, call, refuse)


def configured(there: Examined, **values: Any) -> Fault:
    """Another config; sections are changed, not replaced."""
    config: PipelineConfig = there.config
    changes = {
        key: getattr(config, key).model_copy(update=value) if isinstance(value, dict) else value
        for key, value in values.items()
    }
    return patch.object(there, "config", config.model_copy(update=changes))
