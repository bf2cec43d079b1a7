"""Generated templates, and generated changes to an account between two deployments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from cli.plan.templates import Resources
from snowflake_setup.sql.table import DropTable
from tests.unit.cli.assemblies import BUCKET, Template, name
from tests.unit.snowflake_setup.fake_pipe import grant
from tests.unit.snowflake_setup.fakes import Bench

COLUMNS = {
    "SCROLL_DEPTH": ("NUMBER(38,0)", "NUMBER(38,0)", "VARCHAR"),
    "CAMPAIGN": ("VARCHAR", "VARCHAR", "NUMBER"),
    "PRICE": ("FLOAT",),
    "REFERRER": ("VARCHAR",),
}
NEEDED = [{"Name": "EVENT_ID", "Type": "VARCHAR"}, {"Name": "SOURCE_FILE", "Type": "VARCHAR"}]


# Columns that schema evolution adds, with its types; one has a name that no log or plan may show.
GROWN = {
    "CAMPAIGN": ("VARCHAR(16777216)", "DATE", "NUMBER(3,0)"),
    "CAMPAIGN_EVOLVED": ("BOOLEAN",),
    "PRICE": ("NUMBER(3,1)", "FLOAT"),
    "VIP": ("NUMBER(1,0)",),
    "A\nB": ("VARIANT",),
}
WORDS = st.sampled_from(["", "ours"])


def named(*names: str) -> st.SearchStrategy[str]:
    """A name, usually the first one."""
    return st.sampled_from([names[0]] * 3 + list(names[1:]))


@st.composite
def columns(draw: st.DrawFn) -> list[dict[str, str]]:
    found = list(NEEDED)
    for column in draw(st.permutations(list(COLUMNS))):
        if draw(st.booleans()):
            kind, comment = draw(st.sampled_from(COLUMNS[column])), draw(WORDS)
            found.append({"Name": column, "Type": kind, **({"Comment": comment} if comment else {})})
    return found


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """A landing stack's Snowflake objects, with some left out."""
    table, stage, pipe = (
        draw(named("CLICKS", "EVENTS")),
        draw(named("LAKE", "LAKE_2")),
        draw(named("PIPE", "P2")),
    )
    url = {
        "Fn::Join": [
            "",
            [BUCKET["Fn::Join"][1][0], {"Fn::ImportValue": "lake-name"}, draw(named("/e/", "/f/"))],
        ]
    }
    integration, reader = draw(st.booleans()), draw(named("READER", "READER_2"))
    form = name(draw(named("JSON", "NDJSON")))
    found: dict[str, Any] = {
        "Format": {**form, "Compression": draw(named("AUTO", "GZIP"))},
        "Stage": {**name(stage), "Url": url, "Comment": draw(WORDS)},
        "Table": {
            **name(table),
            "Columns": draw(columns()),
            "SchemaEvolution": draw(named("true", "false")),
            "OnDelete": draw(named("retain", "drop")),
            "Comment": draw(WORDS),
            **draw(
                st.sampled_from([{}, {}, *({"KeepDays": days, "LoadTime": "AT"} for days in ("30", "60"))])
            ),
        },
    }
    if integration:
        found["StorageIntegration"] = {
            "Name": reader,
            "RoleArn": f"arn:aws:iam::123456789012:role/{draw(named('reader', 'other'))}",
            "ExternalId": "ours-1",
            "AllowedLocations": [url],
        }
        found["Stage"]["StorageIntegration"] = reader
    else:
        key = {"Fn::ImportValue": "key-secret"}
        found["Stage"] |= {"CredentialsSecretArn": key, "CredentialsSerial": draw(named("0", "1"))}
    if draw(named("there", "not")) == "there":
        found["Pipe"] = {
            **name(pipe),
            "Table": name(table),
            "Stage": name(stage),
            "StageUrl": url,
            "FileFormat": form,
            "Metadata": [{"Column": "SOURCE_FILE", "Source": "METADATA$FILENAME"}],
            "OnError": draw(named("CONTINUE", "SKIP_FILE")),
            "Comment": draw(WORDS),
        }
        found["PipeRefresh"] = {"Pipe": name(pipe), "Trigger": draw(named("1", "2"))}
    if draw(named("there", "not")) == "there":
        found["View"] = {
            **name(draw(named("ONCE", "DEDUPLICATED"))),
            "Table": name(table),
            "Key": "EVENT_ID",
            "Order": ["SOURCE_FILE"],
            "Columns": [column["Name"] for column in found["Table"]["Columns"]],
            "Comment": draw(WORDS),
        }
    order = ["Format", "StorageIntegration", "Stage", "Table", "View", "Pipe", "PipeRefresh"]
    made = [logical_id for logical_id in order if logical_id in found]
    return {
        "Resources": {
            logical_id: {
                "Type": f"Custom::Snowflake{logical_id.replace('Format', 'FileFormat')}",
                "Properties": found[logical_id],
                "DependsOn": made[: made.index(logical_id)],
            }
            for logical_id in made
        }
    }


def grow(there: Bench, data: st.DataObject) -> None:
    """Add columns and files as loads do, and grant a privilege on the pipe."""
    for table in there.snowflake.tables:
        for column in data.draw(st.sets(st.sampled_from(list(GROWN)), max_size=2)):
            there.snowflake.evolve(table, column, data.draw(st.sampled_from(GROWN[column])))
    for pipe in there.snowflake.pipes.values():
        for number in range(data.draw(st.integers(0, 2))):
            there.clock.sleep(60)
            url = there.snowflake.stages[pipe.copy.stage]["URL"]
            there.snowflake.land(
                f"{url}{len(there.snowflake.lake)}-{number}.gz", notify=data.draw(st.booleans())
            )
        if data.draw(st.booleans()):
            pipe.grants = [grant("MONITOR", "OPS")]


def tidy_up(there: Bench, found: Resources) -> None:
    """Drop the tables of earlier deployments: without --live a plan assumes that Snowflake is as deployed."""
    deployed = {resource.object for resource in found.deployed}
    for table in list(there.snowflake.tables):
        if ".".join(part.value for part in table.parts) not in deployed:
            there.snowflake.execute(DropTable(table))


def meddle(there: Bench, data: st.DataObject) -> None:
    """Change or drop objects, as a person might by hand."""
    snowflake = there.snowflake
    for pipe in snowflake.pipes.values():
        pipe.paused = pipe.paused or data.draw(named("left", "paused")) == "paused"
        pipe.comment = data.draw(named(pipe.comment, "by hand [def:0123456789abcdef]"))
    for table in snowflake.tables:
        snowflake.comments[table, "EVENT_ID"] = data.draw(WORDS)
    for stage in snowflake.stages.values():
        if data.draw(named("left", "bound")) == "bound":
            stage.update(
                **(
                    {"STORAGE_INTEGRATION": "THEIRS"}
                    if "STORAGE_INTEGRATION" in stage
                    else {"URL": "s3://x/"}
                )
            )
    for form in snowflake.formats.values():
        form.update(COMPRESSION=data.draw(named(form["COMPRESSION"], "BZ2")))
    for view, there_is in snowflake.views.items():
        snowflake.views[view] = replace(there_is, comment=data.draw(named(there_is.comment, "theirs")))
    for integration in snowflake.integrations.values():
        integration.update(ENABLED=data.draw(named("true", "false")))
    if data.draw(named("left", "detached")) == "detached":
        snowflake.attached.clear()
    for there_are in (snowflake.views, snowflake.pipes, snowflake.formats):
        for dropped in list(there_are):
            if data.draw(st.integers(0, 9)) == 0:
                del there_are[dropped]
