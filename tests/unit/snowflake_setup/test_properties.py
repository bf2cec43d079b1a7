from __future__ import annotations

from typing import Any

import pytest

from snowflake_setup.session.errors import PropertyError
from snowflake_setup.sql import column_type
from tests.unit.snowflake_setup.events import FILE_FORMAT, PIPE, STAGE, TABLE, name, send
from tests.unit.snowflake_setup.fakes import Bench


@pytest.mark.parametrize(
    ("kind", "properties", "told"),
    [
        (
            "FileFormat",
            {**FILE_FORMAT, "Compresion": "GZIP"},
            "unknown property Compresion; known: Comment, Compression",
        ),
        ("FileFormat", {**FILE_FORMAT, "Compression": "ZIP"}, "Compression must be one of AUTO.*got 'ZIP'"),
        (
            "FileFormat",
            {**FILE_FORMAT, "StripOuterArray": "yes"},
            "StripOuterArray must be true or false, got 'yes'",
        ),
        (
            "FileFormat",
            {**FILE_FORMAT, "Name": ""},
            r"FileFormat\.Name: a name has 1 to 255 characters, got 0",
        ),
        ("FileFormat", {"Database": "D", "Schema": "S"}, "Name is missing"),
        ("FileFormat", {**FILE_FORMAT, "Comment": 5}, "Comment must be text, got 5"),
        ("FileFormat", {**FILE_FORMAT, "Comment": "a\0"}, "Comment: Snowflake accepts no NUL"),
        ("Stage", {**STAGE, "Url": "s3://lake/events"}, "with the slash at its end, got 's3://lake/events'"),
        ("Stage", {**STAGE, "Url": "https://lake/events/"}, "Url must be s3://"),
        ("Stage", {**STAGE, "CredentialsSecretArn": ""}, "CredentialsSecretArn must be the ARN of a secret"),
        ("Table", {**TABLE, "Columns": []}, "Columns must be a list of at least 1"),
        (
            "Table",
            {**TABLE, "Columns": [{"Name": "A", "Type": "VARCHR"}]},
            r"Columns\[0\]\.Type: not a column type.*'VARCHR'",
        ),
        (
            "Table",
            {**TABLE, "Columns": [{"Name": "A", "Type": "DATE", "Nul": "x"}]},
            r"Columns\[0\]: unknown property Nul",
        ),
        ("Table", {**TABLE, "Columns": [{"Name": "A", "Type": "DATE"}] * 2}, "name A more than once"),
        ("Table", {**TABLE, "OnDelete": "destroy"}, "OnDelete must be one of drop, retain, got 'destroy'"),
        ("Pipe", {**PIPE, "OnError": "ABORT_STATEMENT"}, "OnError must be one of CONTINUE, SKIP_FILE, "),
        ("Pipe", {**PIPE, "OnError": "SKIP_FILE_10"}, "OnError must be one of CONTINUE, SKIP_FILE, "),
        ("Pipe", {**PIPE, "OnError": "SKIP_FILE_10%"}, "OnError must be one of CONTINUE, SKIP_FILE, "),
        ("Pipe", {**PIPE, "Table": "CLICK_EVENTS"}, r"Pipe\.Table must be a mapping, got str"),
        ("Pipe", {**PIPE, "Stage": {**name("LAKE"), "Path": "x"}}, r"Pipe\.Stage: unknown property Path"),
        (
            "Pipe",
            {**PIPE, "Metadata": [{"Column": "A", "Source": "NOW()"}]},
            "Source must be one of METADATA",
        ),
    ],
)
def test_a_mistake_is_reported_with_its_path_and_changes_nothing(
    bench: Bench, kind: str, properties: dict[str, Any], told: str
) -> None:
    with pytest.raises(PropertyError, match=told):
        send(bench, "Create", kind, properties)
    assert bench.snowflake.sent == []


@pytest.mark.parametrize(
    ("kind", "told"), [("Thing", "resource type must be one of Custom::SnowflakeFileFormat")]
)
def test_an_unknown_resource_type_is_reported(bench: Bench, kind: str, told: str) -> None:
    with pytest.raises(PropertyError, match=told):
        send(bench, "Create", kind, {})


def test_only_names_are_required(bench: Bench) -> None:
    send(bench, "Create", "FileFormat", name("F"))
    send(bench, "Create", "Stage", {**name("S"), "Url": "s3://lake/", "CredentialsSecretArn": "arn:key"})
    send(bench, "Create", "Table", {**name("T"), "Columns": [{"Name": "A", "Type": "DATE"}]})
    references: dict[str, Any] = {"Table": name("T"), "Stage": name("S"), "FileFormat": name("F")}
    send(bench, "Create", "Pipe", {**name("P"), **references})
    send(bench, "Create", "PipeRefresh", {"Pipe": name("P")})
    there = (bench.snowflake.formats, bench.snowflake.stages, bench.snowflake.tables, bench.snowflake.pipes)
    assert [len(objects) for objects in there] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("VARCHAR", "VARCHAR(16777216)"),
        ("STRING", "VARCHAR(134217728)"),
        ("NUMBER(38,0)", "INTEGER"),
        ("NUMBER(38, 0)", "number"),
        ("NUMBER(10)", "NUMBER(10,0)"),
        ("REAL", "FLOAT"),
        ("TIMESTAMP_TZ", "TIMESTAMP_TZ(9)"),
        ("GEOGRAPHY", "geography"),
    ],
)
def test_spellings_of_one_type_hold_each_other(one: str, other: str) -> None:
    assert column_type.holds(one, other)
    assert column_type.holds(other, one)
    assert not column_type.grows_to(one, "VARIANT")


# What a load makes of a first value, and what the contract may say later: does it stay, grow in place, or neither?
@pytest.mark.parametrize(
    ("there", "wanted", "outcome"),
    [
        ("VARCHAR(16777216)", "VARCHAR(20)", "holds"),
        ("VARCHAR(20)", "VARCHAR", "grows"),
        ("BINARY(10)", "BINARY", "grows"),
        ("NUMBER(1,0)", "NUMBER(38,0)", "grows"),
        ("NUMBER(38,0)", "NUMBER(10,0)", "holds"),
        ("NUMBER(12,2)", "NUMBER(10,2)", "holds"),
        ("NUMBER(3,1)", "NUMBER(38,0)", "neither"),
        ("NUMBER(38,2)", "NUMBER(10,0)", "neither"),
        ("NUMBER(3,1)", "FLOAT", "neither"),
        ("FLOAT", "NUMBER(38,0)", "neither"),
        ("TIMESTAMP_NTZ(9)", "TIMESTAMP_TZ", "neither"),
        ("TIMESTAMP_TZ(9)", "TIMESTAMP_TZ(3)", "holds"),
        ("TIMESTAMP_TZ(3)", "TIMESTAMP_TZ", "neither"),
        ("DATE", "VARCHAR", "neither"),
        ("DATE", "DATE", "holds"),
        ("VARCHAR(16777216)", "DATE", "neither"),
        ("ARRAY", "VARIANT", "neither"),
        ("OBJECT", "VARIANT", "neither"),
        ("VARIANT", "VARCHAR", "neither"),
        ("VARIANT", "VARIANT", "holds"),
        ("BOOLEAN", "VARCHAR", "neither"),
        ("GEOGRAPHY", "OBJECT", "neither"),
        ("VECTOR(FLOAT, 3)", "FLOAT", "neither"),
    ],
)
def test_a_column_stays_grows_or_does_not_fit(there: str, wanted: str, outcome: str) -> None:
    assert column_type.holds(there, wanted) == (outcome == "holds")
    assert column_type.grows_to(there, wanted) == (outcome == "grows")


@pytest.mark.parametrize(
    "bad", ["", "VARCHAR)", "VARCHAR(1,2)", "VARCHAR NOT NULL", "DATE(3)", "X'; --", "NUMBER(1,2,3)"]
)
def test_a_type_cannot_contain_sql(bad: str) -> None:
    with pytest.raises(ValueError, match="not a column type"):
        column_type.checked(bad)
