"""Edits of a deployed environment's config: every key once, in both directions if they differ.

Keys that only set values of resources which stay the same are changed together, to save syntheses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.infrastructure.variants import ORDERS


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Some keys of a deployed config, changed.

    Attributes:
        keys: dotted keys and their new values.
        base: dotted keys of the config before the edit, where they are not the defaults.
        way: for an edit that needs more than `cdk deploy --all`, its row in docs/tables/changes.py.
        stopped: whether docs/changes.md has the producers stop first, and all their events become rows.
        sql: what docs/changes.md has Snowflake's administrator run first; a deployment then goes through.
        not_on_laptop: why the laptop cannot play it.
    """

    keys: Mapping[str, Any]
    base: Mapping[str, Any] = field(default_factory=dict)
    way: str = ""
    stopped: bool = False
    sql: str = ""
    not_on_laptop: str = ""

    @property
    def id(self) -> str:
        """The edit in a few words, for a test's name."""
        changed = ", ".join(f"{key} = {_short(value)}" for key, value in self.keys.items())
        based = ", ".join(f"{key} = {_short(value)}" for key, value in self.base.items())
        return f"{changed} (with {based})" if based else changed

    @property
    def is_deployment(self) -> bool:
        """True if `cdk deploy --all` makes it, if necessary with the producers stopped or after some SQL."""
        return not self.way or bool(self.sql)

    @property
    def removes_kinds(self) -> bool:
        """True if it removes kinds of events, whose producers docs/changes.md has stop first."""
        before, after = (
            {kind["name"] for kind in side.get("more_events", [])} for side in (self.before(), self.after())
        )
        return bool(before - after)

    @property
    def in_one_section(self) -> bool:
        """True if it changes a default environment, but for keys of the same section."""
        return len({key.partition(".")[0] for key in {**self.keys, **self.base}}) == 1

    def before(self) -> dict[str, Any]:
        """The sections of the config before the edit."""
        return _sections(self.base)

    def after(self) -> dict[str, Any]:
        """The sections of the config after it."""
        return _sections({**self.base, **self.keys})

    def with_(self, other: Edit) -> Edit:
        """Both edits at once."""
        return Edit(
            keys={**self.keys, **other.keys}, base={**self.base, **other.base}, way=self.way or other.way
        )


def _short(value: Any) -> str:
    match value:
        case list():
            return f"[{', '.join(map(_short, value))}]"
        case {"name": name, **rest}:
            return f"{name} ({', '.join(map(str, rest.values()))})"
    return str(value)


def _sections(values: Mapping[str, Any]) -> dict[str, Any]:
    sections: dict[str, Any] = {"snowflake": {"account": "myorg-myaccount"}}
    for key, value in values.items():
        *path, last = key.split(".")
        section = sections
        for part in path:
            section = section.setdefault(part, {})
        section[last] = value
    return sections


def _one(key: str, value: Any, base: Mapping[str, Any] | None = None, **more: Any) -> Edit:
    return Edit(keys={key: value}, base=base or {}, **more)


def _together(section: str, values: Mapping[str, Any], **more: Any) -> Edit:
    return Edit(keys={f"{section}.{key}": value for key, value in values.items()}, **more)


def _both_ways(key: str, one: Any, other: Any, base: Mapping[str, Any] | None = None) -> list[Edit]:
    base = base or {}
    return [_one(key, one, {**base, key: other}), _one(key, other, {**base, key: one})]


_INTEGRATION = {"access.mode": "storage_integration"}
_BOTH_MODES = {**_INTEGRATION, "access.keep_user": True}
_PROVISIONED = {"streaming.kinesis.mode": "provisioned", "streaming.kinesis.shard_count": 4}
_DIRECT = {"streaming.source": "direct_put"}
_LOGIN = {
    "snowflake.login": "key_pair",
    "snowflake.login_secret_name": "deploy",
    "snowflake.monitor_login_secret_name": "monitor",
}
_OWN_SECRETS = "its launcher names the secrets"
_NO_IDENTITY = "it logs in by key pair only"
_PRODUCER = {"sample_producer.enabled": True}
_CI = {"ci.project_path": "group/clickstream"}
_ORDERS = {"more_events": [ORDERS]}

ANOTHER_ENVIRONMENT = {"env", "name", "account", "region", "laptop"}
"""Keys that make another environment, with other stacks."""

EDITS: list[Edit] = [
    *_both_ways("production", True, False),
    _one("tags", {"team": "web"}),
    _one("contract", "contract/order_event.schema.json", not_on_laptop="the producers send other events"),
    *_both_ways("more_events", [ORDERS], []),
    *_both_ways("more_events", [ORDERS], [], {"streaming.kinesis.encryption": "customer_key"}),
    *_both_ways("more_events", [ORDERS], [], _DIRECT),
    _one("more_events", [ORDERS | {"name": "baskets"}], _ORDERS, way="kind"),
    _one(
        "more_events",
        [ORDERS | {"name": "baskets", "table": "baskets", "data_prefix": "baskets/"}],
        _ORDERS,
        stopped=True,
    ),
    _one(
        "more_events",
        [ORDERS | {"contract": "contract/click_event.schema.json"}],
        _ORDERS,
        not_on_laptop="the producers send other events",
    ),
    _one("more_events", [ORDERS | {"data_prefix": "baskets/"}], _ORDERS, way="folder"),
    _one("more_events", [ORDERS | {"table": "other_orders"}], _ORDERS),
    _one("storage.bucket_name", "another-lake", way="environment"),
    _one("storage.data_prefix", "clicks/", way="folder"),
    Edit(keys={"storage.data_prefix": "clicks/", "snowflake.stage": "clicks_lake"}, stopped=True),
    _together("storage", {"error_prefix": "failed/", "reject_prefix": "refused/"}, stopped=True),
    _one("storage.encryption", "kms"),
    _one("storage.encryption", "s3_managed", {"storage.encryption": "kms"}, way="lake key"),
    _together(
        "storage",
        {
            "infrequent_access_after_days": 0,
            "expire_events_after_days": 0,
            "expire_errors_after_days": 7,
            "expire_access_logs_after_days": 7,
        },
    ),
    _one("streaming.source", "direct_put", way="streams"),
    _one("streaming.source", "kinesis", _DIRECT, way="streams"),
    _one("streaming.kinesis.stream_name", "others", way="streams"),
    _one("streaming.delivery_stream_name", "others", way="streams"),
    _one("streaming.delivery_stream_name", "others", _DIRECT, way="streams"),
    *_both_ways("streaming.kinesis.mode", "on_demand", "provisioned"),
    *(_one("streaming.kinesis.shard_count", count, _PROVISIONED) for count in (2, 8)),
    *(_one("streaming.kinesis.shard_count", count, _PROVISIONED, way="shards") for count in (1, 9)),
    _one("streaming.kinesis.retention_hours", 48),
    *_both_ways("streaming.kinesis.encryption", "customer_key", "aws_managed"),
    _together("streaming", {"buffer_size_mib": 5, "buffer_interval_seconds": 300, "log_retention_days": 7}),
    *_both_ways("gate.enabled", False, True),
    _together(
        "gate", {"buffer_size_mib": 3, "buffer_interval_seconds": 60, "retries": 20, "memory_mib": 1024}
    ),
    _one("access.mode", "storage_integration", way="access mode"),
    _one("access.mode", "iam_user", _INTEGRATION),
    Edit(keys=_BOTH_MODES),
    _one("access.keep_user", False, _BOTH_MODES),
    _one("access.role_name", "reader", _INTEGRATION, stopped=True),
    _one("access.external_id", "another", _INTEGRATION, stopped=True),
    _one("access.user_name", "reader", way="user"),
    _one("access.access_key_serial", 1),
    _together(
        "snowflake",
        {"account": "myorg-another", "host": "another.privatelink.snowflakecomputing.com"},
        not_on_laptop="it has one Snowflake account",
    ),
    _one("snowflake.role", "R", way="role", sql="GRANT ROLE CLICKSTREAM_LOCAL_DEPLOY TO ROLE R"),
    _together("snowflake", {"user": "U", "monitor_role": "MR", "monitor_user": "MU", "warehouse": "W"}),
    *(
        _one(f"snowflake.{key}", f"ANOTHER_{key}")
        for key in ("database", "schema", "file_format", "stage", "table", "pipe", "view")
    ),
    _one("snowflake.storage_integration", "ANOTHER", _INTEGRATION),
    _one("snowflake.reader_roles", ["ANALYST"]),
    Edit(keys=_LOGIN, not_on_laptop=_NO_IDENTITY),
    _one("snowflake.login", "workload_identity", _LOGIN, not_on_laptop=_NO_IDENTITY),
    Edit(
        keys={"snowflake.login_secret_name": "a", "snowflake.monitor_login_secret_name": "b"},
        base=_LOGIN,
        not_on_laptop=_OWN_SECRETS,
    ),
    _one(
        "snowflake.login_secret_key_arn",
        "arn:aws:kms:eu-central-1:111122223333:key/0a1b",
        _LOGIN,
        not_on_laptop=_OWN_SECRETS,
    ),
    _one("snowflake.on_error", "SKIP_FILE"),
    *_both_ways("snowflake.schema_evolution", True, False),
    *_both_ways("snowflake.error_logging", False, True),
    *_both_ways("rows.deduplicate", "dynamic_table", "view"),
    *_both_ways("rows.sessions", True, False),
    _one("rows.late_days", 3),
    *_both_ways("rows.keep_days", 60, 0, {"rows.deduplicate": "dynamic_table"}),
    _one("rows.keep_days", 30, base={"rows.deduplicate": "dynamic_table", "rows.keep_days": 60}),
    _one("rows.target_lag_minutes", 15, base={"rows.deduplicate": "dynamic_table"}),
    Edit(
        keys={
            "ops.runbook_url": "https://wiki.mine.io/runbook",
            **{f"ops.{who}.emails": ["c@mine.io"] for who in ("critical", "warning")},
            **{f"ops.{who}.https_endpoint": "https://pager.mine.io/x" for who in ("critical", "warning")},
        }
    ),
    _together(
        "ops.alarms",
        {
            "period_seconds": 600,
            "evaluation_periods": 4,
            "datapoints_to_alarm": 2,
            "delivery_success_percent": 95,
            "delivery_freshness_seconds": 1200,
            "stream_lag_seconds": 60,
            "rejected_percent": 20,
        },
    ),
    *_both_ways("ops.alarms.no_data_minutes", 30, 0),
    _one("ops.alarms.direct_put_limit_percent", 50, _DIRECT),
    *_both_ways("monitor.enabled", False, True),
    *_both_ways("monitor.enabled", False, True, {"streaming.kinesis.encryption": "customer_key"}),
    *_both_ways("monitor.enabled", False, True, _DIRECT),
    _together(
        "monitor",
        {
            "window_seconds": 120,
            "status_period_seconds": 180,
            "pending_file_age_seconds": 300,
            "freshness_seconds": 400,
        },
    ),
    _together("lambda", {"architecture": "x86_64", "log_retention_days": 7}),
    _one("sample_producer.enabled", True),
    _one("sample_producer.enabled", False, _PRODUCER, way="stack"),
    Edit(
        keys={
            "sample_producer.instance_type": "t3.micro",
            "sample_producer.events_per_second": 5,
            "sample_producer.log_retention_days": 7,
        },
        base=_PRODUCER,
    ),
    Edit(
        keys={
            "sample_producer.vpc_id": "vpc-0123456789abcdef0",
            "sample_producer.subnet_id": "subnet-0123456789abcdef0",
        },
        base=_PRODUCER,
        not_on_laptop="it has no such network",
    ),
    Edit(keys=_CI),
    _one("ci.project_path", "", _CI, way="stack"),
    Edit(keys={"ci.project_path": "group/another", "ci.branch": "release"}, base=_CI),
    _one("ci.gitlab_url", "https://git.mine.io", _CI),
    _one("ci.create_provider", False, _CI),
]
