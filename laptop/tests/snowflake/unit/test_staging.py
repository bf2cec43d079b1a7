"""Reading files into the staged table, and listing their errors."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from laptop.snowflake.datatypes import make_type
from laptop.snowflake.loading.model import FileRefusedError, LoadJob, Staged
from laptop.snowflake.loading.staging import Stager, decompress
from laptop.snowflake.names import Name
from laptop.snowflake.objects import Column, CopySpec, JsonFormat, OnError, Stage, Table
from laptop.snowflake.store import Store

FORMAT = Name(("D", "S", "JSON"))
TYPES = {
    "ID": "VARCHAR",
    "CODE": "CHAR",
    "N": "NUMBER",
    "F": "FLOAT",
    "B": "BOOLEAN",
    "T": "TIMESTAMP_TZ",
    "V": "VARIANT",
}


def job(*, evolve: bool = True, required: str = "") -> LoadJob:
    types = {name: make_type(word, (2,) if word == "CHAR" else ()) for name, word in TYPES.items()}
    columns = tuple(Column(name=name, type=type_, nullable=name != required) for name, type_ in types.items())
    table, stage = Name(("D", "S", "T")), Name(("D", "S", "ST"))
    return LoadJob(
        copy=CopySpec(table=table, stage=stage, file_format=FORMAT, on_error=OnError(mode="CONTINUE")),
        table=Table(name=table, owner="R", columns=columns),
        stage=Stage(name=stage, owner="R", url="s3://b/"),
        format=JsonFormat(strip_outer_array=True),
        may_evolve=evolve,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("state"))
    yield store
    store.close()


def staged_rows(store: Store) -> list[tuple[Any, ...]]:
    return store.rows('SELECT * EXCLUDE ("METADATA$FILE_ROW_NUMBER") FROM temp.staged')


def lines(records: list[Any]) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


def stage(store: Store, body: bytes, **options: Any) -> Staged:
    return Stager(store).stage(job(**options), body)


@pytest.mark.parametrize(
    "pack", [lambda b: b, gzip.compress, lambda b: gzip.compress(b[:9]) + gzip.compress(b[9:])]
)
def test_plain_and_gzip_by_content(store: Store, pack: Any) -> None:
    assert stage(store, pack(lines([{"id": "a"}, {"id": "b"}]))).rows == 2


def test_a_file_that_is_not_gzip_is_refused_if_it_must_be() -> None:
    with pytest.raises(FileRefusedError, match="decompression"):
        decompress(b"{}", "GZIP")


def test_a_damaged_gzip_is_refused(store: Store) -> None:
    with pytest.raises(FileRefusedError, match="decompression"):
        stage(store, gzip.compress(b'{"id": "a"}')[:-4])


def test_an_empty_file_has_no_rows(store: Store) -> None:
    assert stage(store, b"") == stage(store, b"\n \n")
    assert stage(store, b"").parsed == 0


def test_a_required_column_without_a_value_refuses_the_row(store: Store) -> None:
    staged = stage(store, lines([{"id": "a", "n": 1}, {"id": "b"}]), required="N")
    assert (staged.parsed, staged.rows) == (2, 1)
    assert [(e.row, e.message) for e in staged.errors] == [(2, "NULL result in a non-nullable column")]


def test_a_missing_required_column_is_made_nullable_by_schema_evolution_only(store: Store) -> None:
    assert [c.name for c in stage(store, lines([{"id": "a"}]), required="N").layout.nullable_now] == ["N"]
    assert stage(store, lines([{"id": "a"}]), required="N", evolve=False).rows == 0


def test_a_text_longer_than_its_column_refuses_the_row(store: Store) -> None:
    staged = stage(store, lines([{"id": "a", "code": "ab"}, {"id": "b", "code": "abc"}]))
    assert (staged.rows, [e.row for e in staged.errors]) == (1, [2])
    assert "length limit (2)" in staged.errors[0].message


def test_keys_that_differ_in_case_match_one_column(store: Store) -> None:
    assert stage(store, lines([{"id": "a"}, {"ID": "b"}])).rows == 2
    assert staged_rows(store) == [("a",), ("b",)]


def test_two_keys_of_one_record_for_one_column_refuse_the_row(store: Store) -> None:
    staged = stage(store, lines([{"id": "a", "ID": "b"}, {"id": "c", "ID": None}]))
    assert staged_rows(store) == [("c",)]
    assert [(e.row, e.message) for e in staged.errors] == [(1, "two keys match column ID in any case")]


def test_a_damaged_byte_costs_the_rest_of_the_file_and_nothing_before(store: Store) -> None:
    for damaged in (b"\xff", b'{"id": "\xff"}', b'{"id": "\\ud800"}', b'{"id": "\\u0000"}'):
        staged = stage(store, b"\n".join([b'{"id": "a"}', damaged, b'{"id": "b"}']))
        assert (staged.parsed, staged.rows, [e.line for e in staged.errors]) == (2, 1, [2])


def test_a_byte_order_mark_is_skipped(store: Store) -> None:
    assert stage(store, b"\xef\xbb\xbf" + lines([{"id": "a"}])).rows == 1


def test_the_scratch_file_is_removed(store: Store) -> None:
    stage(store, lines([{"id": "a"}]))
    with pytest.raises(FileRefusedError):
        stage(store, b"\x1f\x8bnot gzip")
    assert list(Path(store.scratch).iterdir()) == []
