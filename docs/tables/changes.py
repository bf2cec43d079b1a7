"""docs/changes.md: the keys whose change needs more than a deployment, and how to change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Way(NamedTuple):
    """The way to change some keys of a deployed environment."""

    keys: str
    how: str


WAYS: Mapping[str, Way] = {
    "environment": Way(
        "`name`, `account`, `region`, `storage.bucket_name`, the config file's name",
        "deploy a second environment under another name; move the producers, then destroy the old one",
    ),
    "lake key": Way("`storage.encryption`", "`kms` at any time; from `kms` never"),
    "streams": Way(
        "`streaming.source`, `streaming.delivery_stream_name`, `streaming.kinesis.stream_name`",
        "[another stream or source](#another-stream-or-source)",
    ),
    "shards": Way(
        "`streaming.kinesis.shard_count`",
        "one deployment can at most double or halve it: from 4 to 9, deploy 8 first",
    ),
    "folder": Way(
        "`storage.data_prefix`, that of a `[[more_events]]`",
        "[another folder](#another-folder)",
    ),
    "kind": Way(
        "the `name` of a `[[more_events]]`",
        "another name is another kind, with another table and folder; to keep the table, remove the kind, deploy, and "
        "add it under its new name",
    ),
    "access mode": Way(
        "`access.mode`",
        "to `storage_integration`: deploy with `access.keep_user = true`, then without it; back to `iam_user`: one "
        "deployment. [What happens](#another-access-mode)",
    ),
    "user": Way(
        "`access.user_name`",
        "with an access key in use, through the other mode: to `storage_integration`, then back with the new name",
    ),
    "role": Way(
        "`snowflake.role`",
        "first let the new role inherit the objects of the old one: [another role](#another-role)",
    ),
    "stack": Way(
        "`sample_producer.enabled`, `ci.project_path`",
        "set at any time; before they are unset, `cdk destroy <name>-<env>-Producer`, or `-Ci`: `cdk deploy --all` "
        "leaves a stack that is no longer in the app",
    ),
}
"""Refused by CloudFormation or the landing Lambda, or leaving a stack behind: tests/infrastructure/test_edits.py."""


def table() -> str:
    """One row a way."""
    rows = [f"| {way.keys} | {way.how} |" for way in WAYS.values()]
    return "\n".join(["", "| key | how to change it nevertheless |", "| --- | --- |", *rows, "", ""])
