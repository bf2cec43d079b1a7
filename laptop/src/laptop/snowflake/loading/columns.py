"""Matching keys to columns, and the columns that schema evolution adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from laptop.snowflake.datatypes import DataType
from laptop.snowflake.loading.model import FileRefusedError, Layout, LoadError, LoadJob
from laptop.snowflake.objects import Column

MAX_NEW_COLUMNS = 100
_INTEGERS = {"BIGINT", "UBIGINT", "HUGEINT"}


def matching(job: LoadJob, keys: Iterable[str]) -> tuple[dict[str, Column], list[str]]:
    """The keys with a column, and those without. Metadata columns do not match keys."""
    filled = set(job.copy.include_metadata)
    columns = {column.name.upper(): column for column in job.table.columns}
    matched: dict[str, Column] = {}
    unknown: list[str] = []
    for key in sorted(keys):
        column = columns.get(key.upper())
        if column is None:
            unknown.append(key)
        elif column.name not in filled:
            matched[key] = column
    return matched, unknown


def lay_out(job: LoadJob, matched: Mapping[str, Column], new_types: Mapping[str, set[str]]) -> Layout:
    """The layout for a file: matched columns, and with schema evolution the new ones.

    Raises:
        FileRefusedError: The file would add more columns than one load may add.
    """
    new: dict[str, Column] = {}
    for key, types in sorted(new_types.items()):
        datatype = infer(types)
        if job.may_evolve and datatype is not None:
            new[key] = Column(name=key.upper(), type=datatype)
    names = {column.name for column in new.values()}
    if len(names) > MAX_NEW_COLUMNS:
        raise FileRefusedError(
            LoadError(
                f"Schema evolution would add {len(names)} columns, at most {MAX_NEW_COLUMNS} are allowed",
                93931,
            )
        )
    unique = {column.name: column for column in new.values()}
    return Layout(
        matched=(*matched.items(), *new.items()),
        new_columns=tuple(unique.values()),
        nullable_now=_missing(job, matched) if job.may_evolve else (),
    )


def infer(types: set[str]) -> DataType | None:
    """The column type for the JSON types found; None if only null was found, since no value would be stored."""
    seen = types - {"NULL"}
    if not seen:
        return None
    if seen <= _INTEGERS:
        return DataType("NUMBER")
    if seen <= _INTEGERS | {"DOUBLE"}:
        return DataType("FLOAT")
    if seen == {"BOOLEAN"}:
        return DataType("BOOLEAN")
    if seen == {"VARCHAR"}:
        return DataType("VARCHAR")
    return DataType("VARIANT")


def _missing(job: LoadJob, matched: Mapping[str, Column]) -> tuple[Column, ...]:
    present = {column.name for column in matched.values()} | set(job.copy.include_metadata)
    return tuple(c for c in job.table.columns if not c.nullable and c.name not in present)
