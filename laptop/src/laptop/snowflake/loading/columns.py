"""Matching keys to columns, in any case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from laptop.snowflake.loading.evolution import infer
from laptop.snowflake.loading.model import Layout, LoadJob
from laptop.snowflake.loading.records import JsonRecord
from laptop.snowflake.objects import Column


def lay_out(job: LoadJob, records: Iterable[JsonRecord]) -> Layout:
    """The layout for a file: matched columns, and with schema evolution the new ones."""
    keys: dict[str, str] = {}
    values: dict[str, Any] = {}
    for record in records:
        for key, value in record.value.items():
            name = keys.setdefault(key, key.upper())
            if values.get(name) is None:
                values[name] = value
    columns = _existing(job)
    new = {column.name: column for column in new_columns(job, values)}
    # Metadata columns match no key.
    filled = set(job.copy.include_metadata)
    matched = [(key, columns.get(name) or new.get(name)) for key, name in sorted(keys.items())]
    return Layout(
        matched=tuple((key, column) for key, column in matched if column and column.name not in filled),
        new_columns=tuple(new.values()),
        nullable_now=tuple(_missing(job, set(values))) if job.may_evolve else (),
    )


def new_columns(job: LoadJob, values: Mapping[str, Any]) -> Iterator[Column]:
    """The columns that schema evolution adds for these names and their first values."""
    existing = _existing(job)
    for name, value in sorted(values.items()):
        datatype = infer(value)
        if job.may_evolve and name not in existing and datatype is not None:
            yield Column(name=name, type=datatype)


def _existing(job: LoadJob) -> dict[str, Column]:
    return {column.name.upper(): column for column in job.table.columns}


def _missing(job: LoadJob, names: set[str]) -> Iterator[Column]:
    filled = set(job.copy.include_metadata)
    for column in job.table.columns:
        if not column.nullable and column.name.upper() not in names and column.name not in filled:
            yield column
