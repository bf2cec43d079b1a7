"""Ways to break the pipeline, each a context manager that repairs the damage on exit."""

from __future__ import annotations

import gzip
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from cli.plan.forecast import OwnSession
from cli.reconcile.reconciliation import Period, Reconciliation
from laptop.testing.cloud import stand_in_out_of_reach
from tests.drills.scene import MINUTE_SECONDS, Scene

# With room for a busy machine, the time that a file takes from the lake into the table.
_LATE = timedelta(seconds=30)


@contextmanager
def stand_in_stopped(scene: Scene) -> Iterator[None]:
    """Make Snowflake unreachable."""
    with stand_in_out_of_reach(scene.laptop.cloud):
        yield


@contextmanager
def access_revoked(scene: Scene) -> Iterator[None]:
    """Detach the read policy from the Snowpipe user's group."""
    iam, user = scene.client("iam"), scene.config.names.snowpipe_user
    (group,) = [found["GroupName"] for found in iam.list_groups_for_user(UserName=user)["Groups"]]
    (policy,) = iam.list_attached_group_policies(GroupName=group)["AttachedPolicies"]
    iam.detach_group_policy(GroupName=group, PolicyArn=policy["PolicyArn"])
    try:
        yield
    finally:
        iam.attach_group_policy(GroupName=group, PolicyArn=policy["PolicyArn"])


@contextmanager
def pipe_paused(scene: Scene) -> Iterator[None]:
    """Pause the pipe."""
    pipe = scene.snowflake_name(scene.clicks.pipe).sql()
    scene.sql(f"ALTER PIPE {pipe} SET PIPE_EXECUTION_PAUSED = TRUE")
    try:
        yield
    finally:
        scene.sql(f"ALTER PIPE {pipe} SET PIPE_EXECUTION_PAUSED = FALSE")


@contextmanager
def announcement_lost(scene: Scene) -> Iterator[None]:
    """Let S3 not announce a file; load it at the end."""
    lost = [{"kind": "notification_lost", "match": f"{scene.clicks.data_prefix}dt="}]
    _ask(_control(scene, "faults"), "POST", json.dumps(lost).encode())
    try:
        yield
    finally:
        _ask(_control(scene, "faults"), "DELETE")
        _reconcile(scene)


@contextmanager
def notifications_overwritten(scene: Scene) -> Iterator[None]:
    """Overwrite the bucket's notifications for ten minutes; load what landed meanwhile at the end."""
    s3, lake = scene.client("s3"), scene.lake
    before = s3.get_bucket_notification_configuration(Bucket=lake)
    del before["ResponseMetadata"]
    s3.put_bucket_notification_configuration(Bucket=lake, NotificationConfiguration={})
    try:
        time.sleep(10 * MINUTE_SECONDS)
    finally:
        s3.put_bucket_notification_configuration(Bucket=lake, NotificationConfiguration=before)
    try:
        yield
    finally:
        _reconcile(scene)


def _reconcile(scene: Scene) -> None:
    """Repair as the runbook says, with `clickstream reconcile --repair`."""
    now, quiet = datetime.now(UTC), lambda _: None
    hours = Period.around(now - timedelta(hours=1), now).hours
    with scene.laptop.snowflake() as session:
        clicks = Reconciliation(
            scene.laptop, scene.clicks, OwnSession(session), grace=_LATE, count_lines=False
        )
        clicks.repair(clicks.examine(hours, quiet), 2 * _LATE, threading.Event(), quiet)


@contextmanager
def gate_broken(scene: Scene) -> Iterator[None]:
    """Let every call of the gate's function end in an error."""
    function = f"{scene.config.prefix}-{scene.clicks.name}-gate"
    client = scene.client("lambda")
    handler = client.get_function_configuration(FunctionName=function)["Handler"]
    client.update_function_configuration(FunctionName=function, Handler="absent.handler")
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=function, Handler=handler)


@contextmanager
def files_written(scene: Scene) -> Iterator[None]:
    """Write files with a broken line into the lake, over and over, past Firehose and its gate."""
    s3, lake, names = scene.client("s3"), scene.lake, count()

    def write() -> None:
        good = {"event_id": "f", "event_type": "_drill", "timestamp": "2026-11-22T10:15:30Z"}
        lines = [json.dumps(each) for each in (good, {**good, "timestamp": "yesterday, I think"})]
        body = gzip.compress("\n".join(lines).encode())
        s3.put_object(Bucket=lake, Key=f"{scene.clicks.data_prefix}foreign/{next(names)}.gz", Body=body)

    with _over_and_over(write):
        yield


@contextmanager
def garbage_sent(scene: Scene) -> Iterator[None]:
    """Send records that are not events, over and over, as a foreign producer might."""
    lines = [
        b"this is no event",
        b'{"event_id": "g1", "event_type": "page_view", "timestamp": "yesterday, I think"}',
    ]

    kinesis = scene.client("kinesis")

    def send() -> None:
        records = [{"Data": line, "PartitionKey": str(number)} for number, line in enumerate(lines)]
        kinesis.put_records(StreamName=scene.clicks.stream_name, Records=records)

    with _over_and_over(send):
        yield


@contextmanager
def _over_and_over(act: Callable[[], object]) -> Iterator[None]:
    """Act each second while the block runs."""
    stop = threading.Event()

    def repeat() -> None:
        while not stop.wait(1):
            act()

    thread = threading.Thread(target=repeat, name="damage", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


@contextmanager
def stream_throttled(scene: Scene) -> Iterator[None]:
    """Lower the shards' limits until the usual traffic exceeds them."""
    limits = _control(scene, "limits")
    few = {"kinesis_shard": {"bytes_per_second": 400, "records_per_second": 1}}
    _ask(limits, "PUT", json.dumps(few).encode())
    try:
        yield
    finally:
        _ask(limits, "DELETE")


@contextmanager
def role_broken(scene: Scene) -> Iterator[None]:
    """Remove Firehose's right to write into the lake."""
    iam, firehose = scene.client("iam"), scene.client("firehose")
    described = firehose.describe_delivery_stream(DeliveryStreamName=scene.clicks.delivery_stream_name)
    (destination,) = described["DeliveryStreamDescription"]["Destinations"]
    role = destination["ExtendedS3DestinationDescription"]["RoleARN"].rsplit("/", 1)[-1]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    others = [statement for statement in document["Statement"] if "s3:PutObject" not in statement["Action"]]
    without = json.dumps({**document, "Statement": others})
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=without)
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def _control(scene: Scene, what: str) -> str:
    """The address of the emulator's limits or faults."""
    return f"{scene.laptop.cloud.environment()['AWS_ENDPOINT_URL']}/_laptop/{what}"


def _ask(url: str, method: str, body: bytes | None = None) -> None:
    # No proxy: the emulator is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(urllib.request.Request(url, data=body, method=method), timeout=5).close()  # noqa: S310 - http, ours
