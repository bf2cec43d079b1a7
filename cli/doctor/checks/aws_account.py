"""The AWS account, before anything is deployed to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING

from cli.doctor.check import Check, Finding, When, ill, skipped, unknown, well
from cli.output import CommandError
from snowflake_setup.sql.timestamps import timestamp

if TYPE_CHECKING:
    from cli.doctor.patient import Patient
    from config.names import StackId

# A request signed more than five minutes off is refused by AWS, a key-pair token much earlier by Snowflake.
_SKEW = timedelta(seconds=60)
# CDK's templates refuse an older bootstrap stack.
_BOOTSTRAP_PARAMETER, _BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version", 6
# A deployment changes one Snowflake object at a time, with two functions (ADR 0007).
_DEPLOYMENT = 2
_MONITOR_AND_CANARY = 2
# https://docs.aws.amazon.com/firehose/latest/dev/limits.html: up to five invocations per shard.
_GATE_PER_SHARD = 5
# https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html: a new on-demand stream has the throughput
# of four. How many a delivery stream without a Data Stream has is not documented.
_SHARDS_ON_DEMAND = 4
_OPERATION_FAILED = "_FAILED", "ROLLBACK_COMPLETE"


def now() -> datetime:
    """The time of this machine's clock."""
    return datetime.now(UTC)


def _account(patient: Patient) -> Finding:
    found = patient.client("sts").get_caller_identity()["Account"]
    wanted = patient.config.account
    if wanted and found != wanted:
        return ill(f"the credentials are for {found}, the config names {wanted}")
    return well(f"account {found}, region {patient.region}")


def _clock(patient: Patient) -> Finding:
    answer = patient.client("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]
    skews = {"AWS": now() - parsedate_to_datetime(answer["date"])}
    with suppress(CommandError):  # which snowflake-login reports
        (row,) = patient.run("SELECT CURRENT_TIMESTAMP() AS MOMENT")
        skews["Snowflake"] = now() - timestamp(row["moment"])
    told = ", ".join(f"{skew.total_seconds():+.0f} s from {whose}" for whose, skew in skews.items())
    return (ill if max(map(abs, skews.values())) > _SKEW else well)(f"this machine's clock is {told}")


def _bootstrapped(patient: Patient) -> Finding:
    ssm = patient.client("ssm")
    try:
        version = int(ssm.get_parameter(Name=_BOOTSTRAP_PARAMETER)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return ill(f"no parameter {_BOOTSTRAP_PARAMETER} in {patient.region}")
    return (well if version >= _BOOTSTRAP_VERSION else ill)(f"bootstrap version {version}")


def needed_concurrency(patient: Patient) -> int:
    """Functions of the environment that may run at the same time."""
    config, kinesis = patient.config, patient.config.streaming.kinesis
    provisioned = config.streaming.source == "kinesis" and kinesis.mode == "provisioned"
    shards = kinesis.shard_count if provisioned else _SHARDS_ON_DEMAND
    gates = len(config.event_streams) * shards * _GATE_PER_SHARD if config.gate.enabled else 0
    return _DEPLOYMENT + (_MONITOR_AND_CANARY if config.monitor.enabled else 0) + gates


def _concurrency(patient: Patient) -> Finding:
    free = patient.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    needed = needed_concurrency(patient)
    return (well if free >= needed else ill)(f"{free} functions may run at a time, {needed} are needed")


def _stacks(patient: Patient) -> Finding:
    states = {name: str(stack["StackStatus"]) for name, stack in patient.stacks.items() if stack}
    missing = [name for name in patient.stacks if name not in states]
    if not states:
        return well("none deployed yet")
    if going := [f"{name} {state}" for name, state in states.items() if state.endswith("_IN_PROGRESS")]:
        return unknown(f"a deployment is under way: {', '.join(going)}")
    broken = [f"{name} {state}" for name, state in states.items() if state.endswith(_OPERATION_FAILED)]
    broken += [f"{name} is missing" for name in missing]
    return ill(", ".join(broken)) if broken else well(f"{len(states)} stacks are complete")


def _names(patient: Patient) -> Finding:
    names = [(what, there) for stack, what, there in _named(patient) if patient.stack(stack) is None]
    if taken := [what for what, there in names if there()]:
        return ill(f"there already, and not by this environment's stacks: {', '.join(taken)}")
    return well(f"{len(names)} names are free") if names else skipped("all stacks are deployed")


def _named(patient: Patient) -> Iterator[tuple[StackId, str, Callable[[], bool]]]:
    """Each resource with a fixed name: its stack, its name, and a call that tells whether it exists."""
    config, names = patient.config, patient.config.names
    exists = partial(partial, _exists, patient)
    if bucket := config.storage.bucket_name:
        yield "Storage", f"bucket {bucket}", partial(_has_bucket, patient, bucket)
    roles: list[tuple[StackId, str]] = [("Landing", names.setup_role)]
    if config.access.mode == "storage_integration":
        roles.append(("Landing", names.reader_role))
    else:
        user = names.snowpipe_user
        yield "Access", f"user {user}", exists("iam", "get_user", UserName=user)
    if config.monitor.enabled:
        roles += [("Ops", names.monitor_role), ("Ops", names.canary_role)]
    for stack, role in roles:
        yield stack, f"role {role}", exists("iam", "get_role", RoleName=role)
    for stream in config.event_streams:
        name = stream.delivery_stream_name
        there = exists("firehose", "describe_delivery_stream", DeliveryStreamName=name)
        yield "Streaming", f"delivery stream {name}", there
        if config.streaming.source == "kinesis":
            there = exists("kinesis", "describe_stream_summary", StreamName=stream.stream_name)
            yield "Streaming", f"Data Stream {stream.stream_name}", there


def _exists(patient: Patient, service: str, call: str, **arguments: str) -> bool:
    from botocore.exceptions import ClientError

    try:
        getattr(patient.client(service), call)(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchEntity", "ResourceNotFoundException"):
            return False
        raise
    return True


def _has_bucket(patient: Patient, name: str) -> bool:
    """True if anybody in the world has the bucket: others' buckets answer 403, or 301 in another region."""
    from botocore.exceptions import ClientError

    try:
        patient.client("s3").head_bucket(Bucket=name)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] != 404
    return True


CHECKS = (
    Check(
        name="aws-account",
        title="The credentials are for the environment's AWS account",
        looks_at="`sts get-caller-identity`",
        otherwise="set the credentials, or `account` in the config",
        source="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
        when=When.BEFORE,
        look=_account,
    ),
    Check(
        name="clock",
        title="This machine's clock is right",
        looks_at="the `Date` of an answer of AWS, `CURRENT_TIMESTAMP` of Snowflake",
        otherwise="synchronise the clock: signatures and key-pair logins are refused",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html",
        when=When.BEFORE,
        look=_clock,
    ),
    Check(
        name="cdk-bootstrap",
        title="The CDK's bootstrap stack is in account and region",
        looks_at=f"the parameter `{_BOOTSTRAP_PARAMETER}`",
        otherwise="`cdk bootstrap`, once for each account and region",
        source="https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html",
        when=When.BEFORE,
        look=_bootstrapped,
    ),
    Check(
        name="lambda-concurrency",
        title="Enough functions may run at the same time",
        looks_at="`lambda get-account-settings`; a new account may have ten",
        otherwise="request a higher quota of concurrent executions (Service Quotas, Lambda); until then, a deployment "
        "and the event gate may be throttled",
        source="https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html",
        when=When.BEFORE,
        look=_concurrency,
    ),
    Check(
        name="stacks",
        title="All stacks are deployed, or none",
        looks_at="`cloudformation describe-stacks`",
        otherwise="`cdk deploy --all`; delete a stack in `ROLLBACK_COMPLETE` first, and one in `DELETE_FAILED` again "
        "after removing the cause that its events name; `cdk rollback` for `UPDATE_ROLLBACK_FAILED`",
        source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html",
        when=When.BEFORE,
        look=_stacks,
    ),
    Check(
        name="names",
        title="Names of the environment are not in use by others",
        looks_at="bucket, roles, user and streams of stacks that are not deployed",
        otherwise="another `name` or environment; a Data Stream that was kept can be imported "
        "([changes.md](changes.md))",
        source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html",
        when=When.BEFORE,
        look=_names,
    ),
)
