"""A live environment switched between Snowpipe's two ways to read the lake, and back, and given a field on the way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.everything.conftest import Pipeline

_PAUSE_SECONDS = 0.05


def test_a_live_stage_is_switched_and_a_field_added_without_losing_a_value(as_left: Pipeline) -> None:
    pipeline = as_left  # the tests of the role's rights made the first switch
    rows, distinct = pipeline.rows()
    order_rows, order_events = pipeline.rows("order_events")
    with pipeline.traffic("local", rate=50) as sent, orders_with_coupons(pipeline) as orders:
        for access, keys in (("role and user", 0), ("role", 0), ("user", 1)):
            # Its last deployment is also the one that test_data_loss.py needs.
            pipeline.deploy(access, deletable=access == "user")
            assert len(access_keys(pipeline)) == keys
            list_coupons(pipeline)
            if access == "role":
                # The tests of the roles' rights left files among the failures, and a failed gate is in the log.
                report, _ = json.JSONDecoder().raw_decode(pipeline.run("doctor", "--json", code=3))
                ill = [check["name"] for check in report["checks"] if check["state"] == "ill"]
                assert {"undelivered"} <= set(ill) <= {"undelivered", "delivery-log"}
    pipeline.arrived(rows + sent[0], distinct + sent[0])
    total = distinct + sent[0]
    assert pipeline.rows("click_events_deduplicated") == (total, total)
    pipeline.arrived(order_rows + len(orders), order_events + len(orders), "order_events")
    found = pipeline.query(
        "SELECT event_id, coupon, properties:coupon::VARCHAR AS kept FROM order_events "
        "WHERE STARTSWITH(event_id, 'coupon-')"
    )
    assert {row["EVENT_ID"]: row["COUPON"] or row["KEPT"] for row in found} == orders
    assert any(row["COUPON"] for row in found), "no event has its value in the new column"
    assert any(row["KEPT"] for row in found), "no event came before the gate knew the column"


def list_coupons(pipeline: Pipeline) -> None:
    """Add a field to the contract, for the next deployment."""
    schema = json.loads(pipeline.order_contract.read_text())
    schema["properties"]["coupon"] = {"type": ["string", "null"]}
    pipeline.order_contract.write_text(json.dumps(schema))


@contextmanager
def orders_with_coupons(pipeline: Pipeline) -> Iterator[dict[str, str]]:
    """Send orders with the field while the block runs; the ids and values of all that were sent."""
    client, over, sent = pipeline.client("kinesis"), threading.Event(), dict[str, str]()

    def send() -> None:
        while not over.wait(_PAUSE_SECONDS):
            event_id, coupon = f"coupon-{len(sent)}", f"c-{len(sent)}"
            order = {
                "event_id": event_id,
                "event_type": "order_placed",
                "timestamp": "2026-11-22T10:15:30Z",
                "order_id": "o",
                "coupon": coupon,
            }
            client.put_record(
                StreamName="clickstream-local-orders", Data=json.dumps(order), PartitionKey=event_id
            )
            sent[event_id] = coupon

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield sent
    finally:
        over.set()
        thread.join()


def access_keys(pipeline: Pipeline) -> list[str]:
    """The keys of every IAM user, of whom there is one at most."""
    iam = pipeline.client("iam")
    users = [user["UserName"] for user in iam.list_users()["Users"]]
    return [
        key["AccessKeyId"]
        for user in users
        for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    ]
