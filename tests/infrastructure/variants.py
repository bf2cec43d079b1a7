"""The environments of this repository, and one pipeline for every option that changes the templates."""

from __future__ import annotations

from typing import Any

from config.files import load_config
from config.model import PipelineConfig
from tests.infrastructure.synthesis import pipeline_config

ORDERS = {
    "name": "orders",
    "contract": "contract/order_event.schema.json",
    "data_prefix": "orders/",
    "table": "order_events",
}
_KEY_PAIR = {
    "account": "myorg-myaccount",
    "login": "key_pair",
    "login_secret_name": "deploy",
    "monitor_login_secret_name": "monitor",
}
_RECIPIENTS: dict[str, Any] = {
    "runbook_url": "https://wiki.example.com/clickstream",
    "critical": {
        "emails": ["a@example.com", "b@example.com"],
        "https_endpoint": "{{resolve:secretsmanager:pager-url}}",
    },
    "warning": {"https_endpoint": "https://pager.example.com/warnings"},
}

_OTHER_VALUES: dict[str, Any] = {
    "storage": {
        "data_prefix": "clicks/",
        "error_prefix": "failed/",
        "infrequent_access_after_days": 45,
        "expire_events_after_days": 90,
        "expire_errors_after_days": 7,
    },
    "streaming": {
        "buffer_size_mib": 7,
        "buffer_interval_seconds": 500,
        "delivery_stream_name": "clicks",
        "kinesis": {"shard_count": 3, "retention_hours": 48},
    },
    "gate": {"buffer_size_mib": 2, "buffer_interval_seconds": 30, "retries": 20, "memory_mib": 1024},
    "access": {"access_key_serial": 3},
    "rows": {"deduplicate": "dynamic_table", "late_days": 3, "keep_days": 60, "target_lag_minutes": 15},
    "snowflake": {
        **_KEY_PAIR,
        "host": "myorg-myaccount.privatelink.snowflakecomputing.com",
        "database": "lake",
        "schema": "clicks",
        "table": "t",
        "pipe": "p",
        "stage": "s",
        "schema_evolution": True,
    },
    "ops": {
        "alarms": {
            "period_seconds": 600,
            "evaluation_periods": 4,
            "datapoints_to_alarm": 2,
            "delivery_success_percent": 95,
            "delivery_freshness_seconds": 1200,
            "stream_lag_seconds": 60,
            "rejected_percent": 20,
            "no_data_minutes": 30,
        }
    },
    "monitor": {
        "window_seconds": 120,
        "status_period_seconds": 180,
        "pending_file_age_seconds": 300,
        "freshness_seconds": 400,
    },
    "sample_producer": {"enabled": True, "instance_type": "t3.micro", "events_per_second": 2.5},
    "ci": {
        "project_path": "my-group/clickstream",
        "branch": "release",
        "gitlab_url": "https://git.example.com/gitlab",
        "create_provider": False,
    },
}

VARIANTS: dict[str, PipelineConfig] = {
    "local": load_config("local"),
    "local-direct": load_config("local-direct"),
    "dev": load_config("dev"),
    "prod": load_config("prod"),
    "direct put": pipeline_config(streaming={"source": "direct_put"}),
    "customer keys": pipeline_config(
        storage={"encryption": "kms"}, streaming={"kinesis": {"encryption": "customer_key"}}
    ),
    "storage integration": pipeline_config(
        access={"mode": "storage_integration"}, storage={"encryption": "kms"}
    ),
    "key pair": pipeline_config(snowflake=_KEY_PAIR),
    "two kinds of event": pipeline_config(more_events=[ORDERS]),
    "two kinds by direct put": pipeline_config(more_events=[ORDERS], streaming={"source": "direct_put"}),
    "monitor off": pipeline_config(monitor={"enabled": False}),
    "no data": pipeline_config(ops={"alarms": {"no_data_minutes": 60}}),
    "no data, monitor off": pipeline_config(
        ops={"alarms": {"no_data_minutes": 60}},
        monitor={"enabled": False},
        streaming={"source": "direct_put"},
        rows={"deduplicate": "dynamic_table", "sessions": True},
    ),
    "many recipients": pipeline_config(ops=_RECIPIENTS),
    "pipelines": pipeline_config(ci={"project_path": "my-group/clickstream"}),
    "no region": pipeline_config(account="", region=""),
    "sample producer": pipeline_config(sample_producer={"enabled": True}),
    "sample producer by direct put": pipeline_config(
        sample_producer={"enabled": True}, streaming={"source": "direct_put"}, account="", region=""
    ),
    "sample producer in a given network": pipeline_config(
        sample_producer={
            "enabled": True,
            "vpc_id": "vpc-0123456789abcdef0",
            "subnet_id": "subnet-0123456789abcdef0",
        },
        streaming={"kinesis": {"encryption": "customer_key"}},
        production=True,
    ),
    # As many options as can be combined, each with a value other than its default.
    "other values": pipeline_config(**_OTHER_VALUES),
    "gate off": pipeline_config(gate={"enabled": False}, rows={"sessions": True}),
    "two access modes": pipeline_config(
        access={"mode": "storage_integration", "external_id": "clicks-of-test", "keep_user": True},
        storage={"infrequent_access_after_days": 0, "expire_events_after_days": 0},
        streaming={"buffer_interval_seconds": 0},
        rows={"deduplicate": "none"},
    ),
}
