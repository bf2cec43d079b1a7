"""The environments of this repository, and one pipeline for every option that changes what is deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.files import load_config
from config.model import PipelineConfig
from tests.infrastructure.synthesis import pipeline_config

ORDERS = {
    "name": "orders",
    "contract": str(Path(__file__).with_name("order_event.schema.json")),
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
    "warning": {"https_endpoint": "https://chat.example.com/hook"},
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
}
