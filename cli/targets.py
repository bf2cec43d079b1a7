"""Where the events of an environment go in."""

from __future__ import annotations

import contract
from cli.aws_client import shell_region
from cli.environments import load_env
from cli.laptop import running_cloud
from cli.output import CommandError
from config.model import PipelineConfig
from config.names import EventStream
from laptop.cloud.cloud import LaptopCloud
from producer import Target


def load_contract(env: str, events: str) -> contract.EventContract:
    """What an environment says an event of some kind is.

    Raises:
        CommandError: no such environment or kind, or its contract is not usable.
    """
    try:
        return contract.load(_event_stream(load_env(env), events).contract)
    except ValueError as error:
        raise CommandError(str(error), exit_code=2) from None


def resolve_target(env: str, events: str) -> Target:
    """Where an environment takes a kind of event: its Kinesis Data Stream, or its delivery stream where there is none.

    Raises:
        CommandError: no such environment or kind, the laptop cloud is not running, or no region is known.
    """
    config = load_env(env)
    stream = _event_stream(config, events)
    if config.laptop:
        return laptop_target(running_cloud(env), config, stream)
    region = config.region or shell_region()
    if not region:
        raise CommandError(
            f"no region for environment {env}: set region in config/{env}.toml, or AWS_REGION", exit_code=2
        )
    return _front_door(config, stream, region)


def laptop_target(cloud: LaptopCloud, config: PipelineConfig, stream: EventStream) -> Target:
    """The front door of a pipeline in a laptop cloud."""
    environment = cloud.environment()
    return _front_door(
        config,
        stream,
        environment["AWS_REGION"],
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        credentials=(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]),
    )


def _front_door(
    config: PipelineConfig,
    stream: EventStream,
    region: str,
    *,
    endpoint_url: str | None = None,
    credentials: tuple[str, str] | None = None,
) -> Target:
    by_kinesis = config.streaming.source == "kinesis"
    return Target(
        kind="kinesis" if by_kinesis else "firehose",
        name=stream.stream_name if by_kinesis else stream.delivery_stream_name,
        region=region,
        endpoint_url=endpoint_url,
        credentials=credentials,
    )


def _event_stream(config: PipelineConfig, events: str) -> EventStream:
    try:
        return config.event_stream(events)
    except ValueError as error:
        raise CommandError(str(error), exit_code=2) from None
