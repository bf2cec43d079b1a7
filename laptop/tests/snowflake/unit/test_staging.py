"""The fast way and the careful way must load the same."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from laptop.snowflake.datatypes import make_type
from laptop.snowflake.loading.model import FileRefusedError, LoadJob, Staged
from laptop.snowflake.loading.staging import Stager, decompress
from laptop.snowflake.names import Name
from laptop.snowflake.objects import Column, CopySpec, JsonFormat, OnError, Stage, Table
from laptop.snowflake.store import Store

TYPES = {
    "ID": "VARCHAR",
    "CODE": "CHAR",
    "N": "NUMBER",
    "F": "FLOAT",
    "B": "BOOLEAN",
    "T": "TIMESTAMP_TZ",
    "V": "VARIANT",
}
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)
RECORD = st.fixed_dictionaries(
    {"id": TEXT | st.integers(-9, 9) | st.none()},
    optional={
        "n": st.integers(-(10**17), 10**17) | st.none(),
        "f": st.floats(allow_nan=False, allow_infinity=False, width=32) | st.integers(-9, 9),
        "b": st.booleans() | st.none(),
        "t": st.datetimes(min_value=dt.datetime(1970, 1, 1)).map(lambda t: t.isoformat() + "Z"),
        "v": st.dictionaries(st.sampled_from("xy"), st.integers(0, 9) | st.none(), max_size=2)
        | st.lists(st.booleans()),
        "new": st.integers(0, 9),
    },
)


def job(*, format_: JsonFormat | None = None, evolve: bool = True, required: str = "") -> LoadJob:
    types = {name: make_type(word, (2,) if word == "CHAR" else ()) for name, word in TYPES.items()}
    columns = tuple(Column(name=name, type=type_, nullable=name != required) for name, type_ in types.items())
    table, stage = Name(("D", "S", "T")), Name(("D", "S", "ST"))
    return LoadJob(
        copy=CopySpec(table=table, stage=stage, match_by_column_name="CASE_INSENSITIVE"),
        table=Table(name=table, owner="R", columns=columns),
        stage=Stage(name=stage, owner="R", url="s3://b/"),
        format=format_ or JsonFormat(strip_outer_array=True),
        on_error=OnError(mode="CONTINUE"),
        may_evolve=evolve,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("state"))
    yield store
    store.close()


def staged_rows(store: Store) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]]]:
    columns, rows = store.described_rows('SELECT * FROM temp.staged ORDER BY "METADATA$FILE_ROW_NUMBER"')
    order = sorted(range(len(columns)), key=lambda i: columns[i][0])
    return [columns[i] for i in order], [tuple(_plain(row[i], columns[i][1]) for i in order) for row in rows]


def _plain(value: Any, datatype: str) -> Any:
    return (
        json.dumps(json.loads(value), sort_keys=True) if value is not None and datatype == "JSON" else value
    )


def lines(records: list[Any]) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


@example(records=[{"id": "{"}, {"id": None, "v": {"x": None}}])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(RECORD, min_size=1, max_size=8))
def test_both_ways_agree(store: Store, records: list[dict[str, Any]]) -> None:
    stager = Stager(store)
    fast = stager._stage_whole(job(), lines(records))
    assert fast is not None
    fast_rows = staged_rows(store)
    careful = stager._stage_by_record(job(), lines(records))
    assert staged_rows(store) == fast_rows
    assert careful == fast


def stage(store: Store, body: bytes, **options: Any) -> Staged:
    return Stager(store).stage(job(**options), body)


@pytest.mark.parametrize(
    "pack", [lambda b: b, gzip.compress, lambda b: gzip.compress(b[:9]) + gzip.compress(b[9:])]
)
def test_plain_and_gzip_by_content(store: Store, pack: Any) -> None:
    assert stage(store, pack(lines([{"id": "a"}, {"id": "b"}]))).rows == 2


def test_a_file_that_must_be_gzip_and_is_not_is_refused() -> None:
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
    assert [(e.row, e.column) for e in staged.errors] == [(2, "N")]


def test_a_required_column_no_record_has_is_relaxed_by_evolution_only(store: Store) -> None:
    assert [c.name for c in stage(store, lines([{"id": "a"}]), required="N").layout.nullable_now] == ["N"]
    assert stage(store, lines([{"id": "a"}]), required="N", evolve=False).rows == 0


def test_a_text_longer_than_its_column_refuses_the_row(store: Store) -> None:
    staged = stage(store, lines([{"id": "a", "code": "ab"}, {"id": "b", "code": "abc"}]))
    assert (staged.rows, [(e.row, e.column) for e in staged.errors]) == (1, [(2, "CODE")])


def test_keys_that_differ_in_case_mean_one_column(store: Store) -> None:
    assert stage(store, lines([{"id": "a"}, {"ID": "b"}])).rows == 2
    assert [row[0] for row in staged_rows(store)[1]] == ["a", "b"]


def test_what_is_no_object_is_refused(store: Store) -> None:
    staged = stage(store, b'{"id": "a"}\n5\n"x"\n[{"id": "b"}]')
    assert (staged.rows, [e.row for e in staged.errors]) == (2, [2, 3])


def test_stripped_nulls(store: Store) -> None:
    stage(store, lines([{"v": {"x": None, "y": 1}}]), format_=JsonFormat(strip_null_values=True))
    assert staged_rows(store)[1] == [(1, '{"y": 1}')]


def test_the_scratch_file_is_gone_afterwards(store: Store) -> None:
    stage(store, lines([{"id": "a"}]))
    with pytest.raises(FileRefusedError):
        stage(store, b"\x1f\x8bnot gzip")
    assert list(Path(store.scratch).iterdir()) == []
