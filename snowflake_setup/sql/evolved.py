"""Columns that schema evolution has added, as SHOW COLUMNS shows them.

The record's fields are documented, their case and the format of the time are not.
https://docs.snowflake.com/en/release-notes/bcr-bundles/2023_08/bcr-1377
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from snowflake_setup.sql.timestamps import timestamp

_ADDED = "ADD_COLUMN"  # the other type of evolution is DROP_NOT_NULL


@dataclass(frozen=True)
class EvolvedColumn:
    """A column that a load has added, and that was not altered since.

    Attributes:
        name: its name.
        at: when it was added; None if that cannot be read.
    """

    name: str
    at: datetime | None


def evolved_columns(rows: Iterable[Mapping[str, Any]]) -> list[EvolvedColumn]:
    """The evolved columns in the rows of SHOW COLUMNS."""
    records = {str(row["column_name"]): str(row["schema_evolution_record"] or "") for row in rows}
    return [EvolvedColumn(name, _time(record)) for name, record in records.items() if _ADDED in record]


def _time(record: str) -> datetime | None:
    try:
        fields = {str(name).lower(): value for name, value in json.loads(record).items()}
        return timestamp(fields["triggeringtime"])
    except (ValueError, TypeError, AttributeError, KeyError):
        return None
