"""Edits of a deployed environment's config, one for every key, and whether the plain `cdk deploy --all` makes them.

docs/changes.md shows those that it does not; test_edits.py checks each against CloudFormation's rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.infrastructure.variants import ORDERS

Values = Mapping[str, Any]
_INTEGRATION = {"access": {"mode": "storage_integration"}}
_KEY_PAIR = {"login": "key_pair", "login_secret_name": "deploy", "monitor_login_secret_name": "monitor"}
_PRODUCER = {"sample_producer": {"enabled": True}}
_NETWORK = {
    "sample_producer.vpc_id": "vpc-0123456789abcdef0",
    "sample_producer.subnet_id": "subnet-0123456789abcdef0",
}
_CI = {"ci": {"project_path": "group/clickstream"}}


@dataclass(frozen=True, kw_only=True)
class Edit:
    """Some keys of a deployed config, changed.

    Attributes:
        keys: dotted keys and their new values.
        base: dotted keys of the config before the edit, where they are not the defaults.
        way: how to make the change, where the plain deployment is refused: a cell of docs/changes.md.
    """

    keys: Values
    base: Values = field(default_factory=dict)
    way: str = ""

    @property
    def id(self) -> str:
        """The edit in a few words, for a test's name."""
        changed = ",".join(f"{key}={value}" for key, value in self.keys.items())
        based = ",".join(f"{key}={value}" for key, value in self.base.items())
        return f"{changed} ({based})" if based else changed

    def before(self) -> dict[str, Any]:
        """The sections of the config before the edit."""
        return _sections(self.base)

    def after(self) -> dict[str, Any]:
        """The sections of the config after it."""
        return _sections({**self.base, **self.keys})


def _sections(values: Values) -> dict[str, Any]:
    sections: dict[str, Any] = {"snowflake": {"account": "myorg-myaccount"}}
    for key, value in values.items():
        *path, last = key.split(".")
        section = sections
        for part in path:
            section = section.setdefault(part, {})
        section[last] = value
    return sections


def _one(key: str, value: Any, base: Values | None = None, way: str = "") -> Edit:
    return Edit(keys={key: value}, base=base or {}, way=way)


_INTEGRATION = {"access.mode": "storage_integration"}
_PROVISIONED = {"streaming.kinesis.mode": "provisioned", "streaming.kinesis.shard_count": 2}
_DIRECT = {"streaming.source": "direct_put"}
_LOGIN = {
    "snowflake.login": "key_pair",
    "snowflake.login_secret_name": "deploy",
    "snowflake.monitor_login_secret_name": "monitor",
}
_PRODUCER = {"sample_producer.enabled": True}
_CI = {"ci.project_path": "group/clickstream"}
_OPS = {"ops.critical.emails": ["a@mine.io"], "ops.warning.emails": ["b@mine.io"]}
_SECOND = {"more_events": [ORDERS]}

ANOTHER_ENVIRONMENT = ("env", "name", "account", "region")
EDITS: list[Edit] = [
    *(_one("production", value, {"production": not value}) for value in (True, False)),
    _one("tags", {"team": "web"}),
    _one("contract", "contract/order_event.schema.json"),
    *(Edit(keys=there, base=back) for there, back in ((_SECOND, {}), ({"more_events": []}, _SECOND))),
    Edit(keys={"more_events": [ORDERS | {"name": "baskets"}]}, base=_SECOND),
    Edit(keys={"more_events": [ORDERS | {"contract": "contract/click_event.schema.json"}]}, base=_SECOND),
    Edit(keys={"more_events": [ORDERS | {"data_prefix": "baskets/"}]}, base=_SECOND),
    Edit(keys={"more_events": [ORDERS | {"table": "baskets"}]}, base=_SECOND),
    _one("storage.bucket_name", "another-lake"),
    _one("storage.data_prefix", "clicks/"),
    _one("storage.error_prefix", "failed/"),
    _one("storage.reject_prefix", "refused/"),
    _one("storage.encryption", "kms"),
    _one("storage.encryption", "s3_managed", {"storage.encryption": "kms"}),
    _one("storage.infrequent_access_after_days", 0),
    _one("storage.expire_events_after_days", 0),
    _one("storage.expire_errors_after_days", 7),
    _one("storage.expire_access_logs_after_days", 7),
    _one("streaming.source", "direct_put"),
    _one("streaming.source", "kinesis", _DIRECT),
    _one("streaming.kinesis.stream_name", "others"),
    *(
        _one("streaming.kinesis.mode", value, {"streaming.kinesis.mode": other})
        for value, other in (("on_demand", "provisioned"), ("provisioned", "on_demand"))
    ),
    *(_one("streaming.kinesis.shard_count", count, _PROVISIONED) for count in (1, 4, 5)),
    _one("streaming.kinesis.retention_hours", 48),
    _one("streaming.kinesis.encryption", "customer_key"),
    _one("streaming.kinesis.encryption", "aws_managed", {"streaming.kinesis.encryption": "customer_key"}),
    _one("streaming.delivery_stream_name", "others"),
    _one("streaming.delivery_stream_name", "others", _DIRECT),
    _one("streaming.buffer_size_mib", 5),
    _one("streaming.buffer_interval_seconds", 300),
    _one("streaming.log_retention_days", 7),
    _one("gate.enabled", False),
    _one("gate.enabled", True, {"gate.enabled": False}),
    _one("gate.buffer_size_mib", 3),
    _one("gate.buffer_interval_seconds", 60),
    _one("gate.retries", 20),
    _one("gate.memory_mib", 1024),
    _one("access.mode", "storage_integration"),
    _one("access.mode", "iam_user", _INTEGRATION),
    _one("access.keep_user", True, _INTEGRATION),
    _one("access.keep_user", False, {**_INTEGRATION, "access.keep_user": True}),
    _one("access.role_name", "reader", _INTEGRATION),
    _one("access.external_id", "another", _INTEGRATION),
    _one("access.user_name", "reader"),
    _one("access.access_key_serial", 1),
    _one("snowflake.account", "myorg-another"),
    _one("snowflake.host", "eu.snowflakecomputing.com"),
    *(
        _one(f"snowflake.{key}", "ANOTHER")
        for key in (
            "database",
            "schema",
            "role",
            "user",
            "monitor_role",
            "monitor_user",
            "warehouse",
            "file_format",
            "stage",
            "table",
            "pipe",
            "view",
        )
    ),
    _one("snowflake.storage_integration", "ANOTHER", _INTEGRATION),
    _one("snowflake.reader_roles", ["ANALYST"]),
    Edit(keys=_LOGIN),
    _one("snowflake.login", "workload_identity", _LOGIN),
    _one("snowflake.login_secret_name", "another", _LOGIN),
    _one("snowflake.monitor_login_secret_name", "another", _LOGIN),
    _one("snowflake.on_error", "SKIP_FILE"),
    _one("snowflake.schema_evolution", True),
    _one("snowflake.schema_evolution", False, {"snowflake.schema_evolution": True}),
    _one("ops.runbook_url", "https://wiki.mine.io/runbook"),
    *(_one(f"ops.{who}.emails", ["c@mine.io"], _OPS) for who in ("critical", "warning")),
    *(_one(f"ops.{who}.https_endpoint", "https://pager.mine.io/x") for who in ("critical", "warning")),
    *(
        _one(f"ops.alarms.{key}", value)
        for key, value in {
            "period_seconds": 600,
            "evaluation_periods": 4,
            "datapoints_to_alarm": 2,
            "delivery_success_percent": 95,
            "delivery_freshness_seconds": 1200,
            "stream_lag_seconds": 60,
            "rejected_percent": 20,
            "no_data_minutes": 30,
        }.items()
    ),
    _one("ops.alarms.direct_put_limit_percent", 50, _DIRECT),
    _one("ops.alarms.no_data_minutes", 0, {"ops.alarms.no_data_minutes": 30}),
    _one("monitor.enabled", False),
    _one("monitor.enabled", True, {"monitor.enabled": False}),
    *(
        _one(f"monitor.{key}", value)
        for key, value in {
            "window_seconds": 120,
            "status_period_seconds": 180,
            "pending_file_age_seconds": 300,
            "freshness_seconds": 400,
        }.items()
    ),
    _one("lambda.architecture", "x86_64"),
    _one("lambda.log_retention_days", 7),
    _one("sample_producer.enabled", True),
    _one("sample_producer.enabled", False, _PRODUCER),
    _one("sample_producer.instance_type", "t3.micro", _PRODUCER),
    Edit(
        keys={
            "sample_producer.vpc_id": "vpc-0123456789abcdef0",
            "sample_producer.subnet_id": "subnet-0123456789abcdef0",
        },
        base=_PRODUCER,
    ),
    _one("sample_producer.events_per_second", 5, _PRODUCER),
    _one("sample_producer.log_retention_days", 7, _PRODUCER),
    Edit(keys=_CI),
    _one("ci.project_path", "", _CI),
    _one("ci.project_path", "group/another", _CI),
    _one("ci.branch", "release", _CI),
    _one("ci.gitlab_url", "https://git.mine.io", _CI),
    _one("ci.create_provider", False, _CI),
]
