"""Reading a fetched file into the staged table."""

from __future__ import annotations

import gzip
import io
import json
import zlib

import duckdb

from laptop.snowflake.loading.model import FileRefusedError, LoadError, LoadJob, Staged
from laptop.snowflake.loading.tolerant import clean
from laptop.snowflake.names import literal, quote
from laptop.snowflake.store import Store

STAGED = "temp.staged"
ROW_NUMBER = "METADATA$FILE_ROW_NUMBER"
_GZIP_MAGIC = b"\x1f\x8b"
_LARGEST_RECORD = 128 * 1024 * 1024


def decompress(body: bytes, compression: str) -> bytes:
    """The file's text.

    Raises:
        FileRefusedError: It has another compression, or is damaged.
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
            FileRefusedError: The whole file cannot be loaded.
        """
        cleaned = clean(job, decompress(body, job.format.compression))
        types = {ROW_NUMBER: "BIGINT"}
        # JSON is staged as text: a null in it is a value.
        types |= {
            column.name: column.type.physical.replace("JSON", "VARCHAR")
            for _, column in cleaned.layout.matched
        }
        try:
            with self._file.open("w", encoding="utf-8") as file:
                for row, values in cleaned.rows:
                    file.write(json.dumps({ROW_NUMBER: row, **values}, ensure_ascii=False) + "\n")
            self._fill(types)
        except duckdb.Error as error:
            raise FileRefusedError(LoadError(str(error).splitlines()[0], 100069)) from error
        finally:
            self._file.unlink(missing_ok=True)
        return Staged(cleaned.layout, parsed=cleaned.parsed, rows=len(cleaned.rows), errors=cleaned.errors)

    def _fill(self, types: dict[str, str]) -> None:
        columns = ", ".join(f"{literal(name)}: {literal(datatype)}" for name, datatype in types.items())
        chosen = ", ".join(map(quote, types))
        self._store.execute(
            f"CREATE OR REPLACE TEMP TABLE staged AS SELECT {chosen} FROM read_json({literal(str(self._file))}, "
            f"format = 'newline_delimited', columns = {{{columns}}}, maximum_object_size = {_LARGEST_RECORD})"
        )
