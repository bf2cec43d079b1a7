"""A fetched file into a staged table: read whole at full speed, or record by record when something is off."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import duckdb

from laptop.snowflake.loading.columns import ambiguous, lay_out, matching
from laptop.snowflake.loading.model import FileRefusedError, Layout, LoadError, LoadJob, Staged
from laptop.snowflake.loading.tolerant import clean
from laptop.snowflake.names import literal, quote
from laptop.snowflake.objects import Column, JsonFormat
from laptop.snowflake.store import Store

STAGED = "temp.staged"
ROW_NUMBER = "METADATA$FILE_ROW_NUMBER"
_GZIP_MAGIC = b"\x1f\x8b"
_LARGEST_RECORD = 128 * 1024 * 1024


def decompress(body: bytes, compression: str) -> bytes:
    """The file's text.

    Raises:
        FileRefusedError: It is not what the format says, or is damaged.
    """
    if compression == "NONE" or (compression == "AUTO" and not body.startswith(_GZIP_MAGIC)):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
            return stream.read()
    except (OSError, EOFError, zlib.error):
        raise FileRefusedError(
            LoadError(
                "Invalid data encountered during decompression; the file is not whole or not gzip", 100016
            )
        ) from None


class Stager:
    """Fills the staged table, one file at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._file = store.scratch / "load.json"

    def stage(self, job: LoadJob, body: bytes) -> Staged:
        """Read a file into the staged table.

        Raises:
            FileRefusedError: The file as a whole cannot be loaded.
        """
        text = decompress(body, job.format.compression)
        try:
            return self._stage_whole(job, text) or self._stage_by_record(job, text)
        except duckdb.Error as error:
            raise FileRefusedError(LoadError(str(error).splitlines()[0], 100069)) from error
        finally:
            self._file.unlink(missing_ok=True)

    def _stage_whole(self, job: LoadJob, text: bytes) -> Staged | None:
        """Let DuckDB read the file; None if anything at all is unusual in it."""
        shape = _shape(text, job.format)
        if shape is None:
            return None
        self._file.write_bytes(text)
        try:
            matched, unknown = matching(job, self._keys(shape))
            layout = lay_out(job, matched, self._types(shape, unknown) if job.may_evolve else {})
            if ambiguous(layout) or not layout.matched:
                return None
            self._fill(layout.matched, shape)
        except duckdb.Error:
            return None
        if self._breaks_a_rule(job, layout):
            return None
        rows = self._count()
        return Staged(layout, parsed=rows, rows=rows)

    def _stage_by_record(self, job: LoadJob, text: bytes) -> Staged:
        cleaned = clean(job, text)
        with self._file.open("w", encoding="utf-8") as file:
            for row, values in cleaned.rows:
                file.write(json.dumps({ROW_NUMBER: row, **values}, ensure_ascii=False) + "\n")
        columns = {column.name: column for _, column in cleaned.layout.matched}
        self._fill(tuple(columns.items()), "newline_delimited", numbered=True)
        return Staged(cleaned.layout, parsed=cleaned.parsed, rows=self._count(), errors=cleaned.errors)

    def _keys(self, shape: str) -> list[str]:
        source = _objects(self._file, shape)
        found = self._store.rows(f"SELECT DISTINCT unnest(json_keys(json)) FROM {source}")
        return [row[0] for row in found]

    def _types(self, shape: str, keys: Sequence[str]) -> dict[str, set[str]]:
        if not keys:
            return {}
        kinds = ", ".join(f"list(DISTINCT json_type(json, {literal(_path(key))}))" for key in keys)
        (row,) = self._store.rows(f"SELECT {kinds} FROM {_objects(self._file, shape)}")
        return {key: {item for item in found or [] if item} for key, found in zip(keys, row, strict=True)}

    def _fill(self, columns: Sequence[tuple[str, Column]], shape: str, *, numbered: bool = False) -> None:
        types = {key: column.type.physical for key, column in columns}
        types = {ROW_NUMBER: "BIGINT", **types} if numbered else types
        spec = ", ".join(f"{literal(key)}: {literal(datatype)}" for key, datatype in types.items())
        source = (
            f"read_json({literal(str(self._file))}, format = '{shape}', columns = {{{spec}}}, "
            f"records = 'true', compression = 'none', maximum_object_size = {_LARGEST_RECORD})"
        )
        chosen = [quote(ROW_NUMBER)] if numbered else [f"row_number() OVER () AS {quote(ROW_NUMBER)}"]
        chosen += [f"{quote(key)} AS {quote(column.name)}" for key, column in columns]
        self._store.execute(
            f"CREATE OR REPLACE TEMP TABLE staged AS SELECT {', '.join(chosen)} FROM {source}"
        )

    def _breaks_a_rule(self, job: LoadJob, layout: Layout) -> bool:
        """Whether a row has what the column refuses: NULL, too long a text, the wrong JSON type."""
        filled = {column.name: column for _, column in layout.matched}
        if any(_required(job, column, layout) and column.name not in filled for column in job.table.columns):
            return True
        rules = [rule for column in filled.values() for rule in _rules(column)]
        return bool(rules) and bool(
            self._store.rows(f"SELECT 1 FROM {STAGED} WHERE {' OR '.join(rules)} LIMIT 1")
        )

    def _count(self) -> int:
        return int(self._store.rows(f"SELECT count(*) FROM {STAGED}")[0][0])


def _required(job: LoadJob, column: Column, layout: Layout) -> bool:
    return (
        not column.nullable
        and column.name not in job.copy.include_metadata
        and column not in layout.nullable_now
    )


def _rules(column: Column) -> list[str]:
    name = quote(column.name)
    rules = [] if column.nullable else [f"{name} IS NULL"]
    if column.type.base == "VARCHAR":
        rules.append(f"length({name}) > {column.type.length}")
    if column.type.base in ("OBJECT", "ARRAY"):
        rules.append(f"json_type({name}) <> '{column.type.base}'")
    return rules


def _shape(text: bytes, format_: JsonFormat) -> str | None:
    """What DuckDB is to expect; None where only the record-by-record way is right."""
    if format_.strip_null_values or format_.allow_duplicate:
        return None
    first = text[:64].lstrip()[:1]
    if first == b"{":
        return "newline_delimited"
    return "array" if first == b"[" and format_.strip_outer_array else None


def _objects(file: Path, shape: str) -> str:
    return (
        f"read_json_objects({literal(str(file))}, format = '{shape}', compression = 'none', "
        f"maximum_object_size = {_LARGEST_RECORD})"
    )


def _path(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'$."{escaped}"'
