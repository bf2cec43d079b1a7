"""All stacks of a deployment in order, and the values they pass on."""

from __future__ import annotations

import os
import sys
from typing import Any

import aws_cdk as cdk

from config.choice import chosen_env
from config.examples import require_filled_in
from config.files import load_config
from config.model import PipelineConfig
from config.sections.region import supported_region
from stacks.access import AccessStack
from stacks.landing import LandingStack
from stacks.ops import OpsStack
from stacks.storage import StorageStack
from stacks.streaming import StreamingStack


def pipeline_app() -> cdk.App:
    """The app of the environment named in the context; exits with a message if its config is invalid."""
    # A construct's stack trace would contain only frames of the library.
    app = cdk.App(stack_traces=False)
    try:
        config = load_config(chosen_env(app.node.get_all_context()))
        if _account(config):  # without one, nothing is compared or deployed
            require_filled_in(config)
        build_pipeline(app, config)
    except ValueError as error:  # a mistake of the user, not of the program
        sys.exit(str(error))
    return app


def build_pipeline(app: cdk.App, config: PipelineConfig) -> None:
    """Define every stack of one deployment.

    Context `allow_data_loss=true` is the second deletion switch: with it, and only outside production, deleting the
    stacks deletes events too.
    """
    stack, options = config.names.stack, _options(config)
    keep_data = not _may_lose_data(app, config)
    storage = StorageStack(app, stack("Storage"), config=config, keep_data=keep_data, **options)
    lake = storage.lake
    access = AccessStack(app, stack("Access"), config=config, lake=lake, **options)
    landing = LandingStack(
        app,
        stack("Landing"),
        config=config,
        lake=lake,
        read_policy=access.read_policy,
        snowpipe_user=access.snowpipe_user,
        keep_data=keep_data,
        **options,
    )
    streaming = StreamingStack(
        app, stack("Streaming"), config=config, lake=lake, keep_data=keep_data, **options
    )
    # No gate applies a contract before its table has the columns.
    streaming.add_stack_dependency(landing, "the gate writes columns that the table has by then")
    producer = None
    if config.sample_producer.enabled:
        # Imported here: loading EC2's and Auto Scaling's classes takes a tenth of a synthesis.
        from stacks.producer import ProducerStack

        delivery = streaming.deliveries[config.event_streams[0].name]
        producer = ProducerStack(app, stack("Producer"), config=config, delivery=delivery, **options).producer
    OpsStack(
        app,
        stack("Ops"),
        config=config,
        lake=lake,
        deliveries=streaming.deliveries,
        provider=landing.provider,
        producer=producer,
        **options,
    )
    if config.ci.project_path:
        from stacks.ci import CiStack

        CiStack(app, stack("Ci"), config=config, **options)


def _options(config: PipelineConfig) -> dict[str, Any]:
    """Options shared by all stacks."""
    return {
        "env": cdk.Environment(
            account=_account(config),
            region=config.region or supported_region(os.environ.get("CDK_DEFAULT_REGION", "")) or None,
        ),
        "tags": {**config.tags, "env": config.env},
        "termination_protection": config.production,
    }


def _account(config: PipelineConfig) -> str | None:
    return config.account or os.environ.get("CDK_DEFAULT_ACCOUNT")


def _may_lose_data(app: cdk.App, config: PipelineConfig) -> bool:
    asked = str(app.node.try_get_context("allow_data_loss")).lower() == "true"
    if asked and config.production:
        raise ValueError(
            f"allow_data_loss=true is refused: environment {config.env!r} is a production environment "
            "(production = true in its config file), so its events are kept even if the stacks are deleted"
        )
    return asked
