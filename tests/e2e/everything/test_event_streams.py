"""Two kinds of event, each from its own stream into its own table."""

from __future__ import annotations

from tests.e2e.everything.conftest import Pipeline


def test_a_second_kind_of_event_is_a_few_lines_of_config(pipeline: Pipeline) -> None:
    clicks, orders = pipeline.rows(), pipeline.rows("order_events")
    pipeline.run("send", "--count", "200")
    pipeline.run("send", "--count", "300", "--events", "orders")
    pipeline.arrived(orders[0] + 300, orders[1] + 300, "order_events")
    pipeline.arrived(clicks[0] + 200, clicks[1] + 200)
    (sums,) = pipeline.query("SELECT COUNT(total) AS n, MAX(total) AS most FROM order_events")
    assert sums["N"] == orders[0] + 300
    assert 0 < sums["MOST"] <= 500
