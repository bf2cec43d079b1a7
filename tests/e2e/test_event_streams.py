"""Two kinds of event side by side, each from its own stream into its own table."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from laptop.testing.waiting import eventually
from tests.e2e.conftest import ROOT, Laptop

ORDER = {
    "title": "Order event",
    "type": "object",
    "required": ["event_id", "event_type", "timestamp"],
    "properties": {
        "event_id": {"type": "string"},
        "event_type": {"type": "string", "examples": ["ordered", "cancelled"]},
        "timestamp": {"type": "string", "format": "date-time"},
        "total": {"type": "number", "minimum": 0, "maximum": 500},
    },
}


def test_a_second_kind_of_event_is_a_few_lines_of_config(laptop: Laptop, tmp_path: Path) -> None:
    contract = tmp_path / "order_event.schema.json"
    contract.write_text(json.dumps(ORDER))
    config = tmp_path / "config"
    config.mkdir()
    more = f'[[more_events]]\nname = "orders"\ncontract = "{contract}"\n'
    more += 'data_prefix = "orders/"\ntable = "order_events"\n'
    (config / "local.toml").write_text((ROOT / "config" / "local.toml").read_text() + more)
    shop = replace(laptop, config=config)
    shop.run("up")
    shop.run("send", "--count", "200")
    shop.run("send", "--count", "300", "--events", "orders")

    def count(table: str) -> int:
        return int(
            shop.query(
                f"SELECT COUNT(DISTINCT event_id) AS n FROM {table} WHERE NOT STARTSWITH(event_type, '_')"
            )[0]["N"]
        )

    eventually(lambda: (count("click_events"), count("order_events")) == (200, 300), within=60)
    (sums,) = shop.query("SELECT COUNT(total) AS n, MAX(total) AS most FROM order_events")
    assert sums["N"] == 300
    assert 0 < sums["MOST"] <= 500
