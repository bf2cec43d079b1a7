"""Unusual lines, whose loading Snowflake does not document: its answers, compared with those of the laptop cloud.

The lines go through an internal stage into a table, both temporary, so that neither lake nor pipe sees them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.doctor.check import Check, Finding, When, well
from cli.doctor.checks.landing import named
from snowflake_setup.sql.identifiers import literal

if TYPE_CHECKING:
    from cli.doctor.patient import Patient

_GOOD = b'{"EVENT_ID": "good"}'
_STAGE, _TABLE = "CLICKSTREAM_DOCTOR_STAGE", "CLICKSTREAM_DOCTOR_TABLE"


@dataclass(frozen=True)
class Question:
    """Lines of one file, and what the laptop cloud makes of them.

    Attributes:
        about: the row of docs/laptop.md.
        lines: the file.
        laptop: rows in the table, and columns that the load has added.
        evolves: whether schema evolution is on.
    """

    about: str
    lines: tuple[bytes, ...]
    laptop: str
    evolves: bool = False


QUESTIONS = (
    Question(
        "type of an evolved column",
        (b'{"I": 7, "D": 12.5, "E": 1e3, "T": "2026-10-06T10:00:02Z", "A": "2026-10-06", "O": {}, "L": []}',),
        "1 row, A DATE, D NUMBER(3,1), E FLOAT, I NUMBER(1,0), L ARRAY, O VARIANT, T TIMESTAMP_NTZ(9)",
        evolves=True,
    ),
    Question("a line that is not JSON", (_GOOD, b'{"EVENT_ID": "bro', _GOOD), "1 row"),
    Question("bad UTF-8", (_GOOD, b'{"EVENT_ID": "\xff"}', _GOOD), "1 row"),
    Question("NUL", (_GOOD, b'{"EVENT_ID": "a\x00"}', _GOOD), "1 row"),
    Question("NaN", (_GOOD, b'{"PROPERTIES": NaN}', _GOOD), "1 row"),
    Question("1e400", (_GOOD, b'{"PROPERTIES": 1e400}', _GOOD), "1 row"),
    Question("a scalar as a line", (_GOOD, b"5", _GOOD), "1 row"),
    Question("a blank line", (_GOOD, b"", _GOOD), "1 row"),
    Question("two documents in a line", (_GOOD, _GOOD + _GOOD, _GOOD), "2 rows"),
    Question("keys that differ in case only", (_GOOD, b'{"EVENT_ID": "a", "event_id": "b"}'), "1 row"),
    Question(
        "values of several sizes", (b'{"K": 1}', b'{"K": 123456}'), "1 row, K NUMBER(1,0)", evolves=True
    ),
    Question("text that is a number", (b'{"K": "7"}',), "1 row, K NUMBER(1,0)", evolves=True),
    Question("a new key with nulls only", (b'{"EVENT_ID": "a", "K": null}',), "1 row", evolves=True),
    Question("a new key that is empty", (_GOOD, b'{"": 1}'), "the load fails", evolves=True),
    Question("fractions of more than 9 digits", (b'{"AT": "2026-11-01T10:00:00.1234567891Z"}',), "0 rows"),
    Question("a leap second", (b'{"AT": "2016-12-31T23:59:60Z"}',), "0 rows"),
)


def _ask(patient: Patient) -> Finding:
    differing = []
    with _places(patient) as folder:
        for number, question in enumerate(QUESTIONS):
            told = _answer(patient, question, folder, f"q{number}")
            if told != question.laptop:
                differing.append(f"{question.about}: {told}, on the laptop {question.laptop}")
    same = f"{len(QUESTIONS) - len(differing)} of {len(QUESTIONS)} as on the laptop"
    return well("; ".join([same, *differing]))


@contextmanager
def _places(patient: Patient) -> Iterator[Path]:
    """A temporary stage in Snowflake, and a folder here; the session drops what is temporary."""
    patient.run(f"CREATE OR REPLACE TEMPORARY STAGE {named(patient, _STAGE).sql()}")
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _answer(patient: Patient, question: Question, folder: Path, name: str) -> str:
    from snowflake.connector import Error

    stage, table = named(patient, _STAGE).sql(), named(patient, _TABLE).sql()
    file = folder / f"{name}.json"
    file.write_bytes(b"\n".join(question.lines))
    patient.run(f"PUT {literal(file.as_uri())} @{stage}/{name}/ AUTO_COMPRESS = FALSE")
    patient.run(
        f'CREATE OR REPLACE TEMPORARY TABLE {table} ("EVENT_ID" VARCHAR, "AT" TIMESTAMP_TZ, "PROPERTIES" VARIANT) '
        f"ENABLE_SCHEMA_EVOLUTION = {str(question.evolves).upper()}"
    )
    own_format = literal(named(patient, patient.config.snowflake.file_format).sql())
    try:
        patient.run(
            f"COPY INTO {table} FROM @{stage}/{name}/ FILE_FORMAT = (FORMAT_NAME = {own_format}) "
            "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE ON_ERROR = CONTINUE"
        )
    except Error:
        return "the load fails"
    (row,) = patient.run(f"SELECT COUNT(*) AS N FROM {table}")
    columns = sorted(patient.run(f"DESC TABLE {table}")[3:], key=lambda column: str(column["name"]))
    told = f"{row['n']} row{'' if int(row['n']) == 1 else 's'}"
    return ", ".join([told, *(f"{column['name']} {column['type']}" for column in columns)])


CHECKS = (
    Check(
        name="loading-rules",
        title="Snowflake loads unusual lines as the laptop cloud does",
        looks_at=f"loads {len(QUESTIONS)} files from a temporary stage into a temporary table, of the rows of "
        "[laptop.md](laptop.md#where-the-laptop-differs-from-snowflake) that are not documented",
        otherwise="report the differences",
        source="https://docs.snowflake.com/en/sql-reference/sql/copy-into-table",
        when=When.WRITE,
        stack="Landing",
        look=_ask,
        needs=("snowflake-login",),
        laptop="no internal stages",
    ),
)
