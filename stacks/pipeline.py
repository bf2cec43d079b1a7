"""Which stacks exist, and what each hands to the next."""

from __future__ import annotations

import os

import aws_cdk as cdk

from config.model import PipelineConfig
from stacks.access import AccessStack
from stacks.ci import CiStack
from stacks.landing import LandingStack
from stacks.ops import OpsStack
from stacks.producer import ProducerStack
from stacks.storage import StorageStack
from stacks.streaming import StreamingStack


def build_pipeline(app: cdk.App, config: PipelineConfig) -> None:
    """Define every stack of one deployment.

    Context `allow_data_loss=true` is the second key: with it, and only outside production, deleting the stacks
    deletes events too.
    """
    destroy = _may_lose_data(app, config)
    options = {
        "env": cdk.Environment(
            account=config.account or os.environ.get("CDK_DEFAULT_ACCOUNT"),
            region=config.region or os.environ.get("CDK_DEFAULT_REGION"),
        ),
        "tags": {**config.tags, "env": config.env},
        "termination_protection": config.production,
    }
    prefix = config.prefix
    storage = StorageStack(
        app,
        f"{prefix}-Storage",
        config=config,
        removal_policy=(
            cdk.RemovalPolicy.DESTROY if destroy else cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        ),
        **options,
    )
    streaming = StreamingStack(app, f"{prefix}-Streaming", config=config, lake=storage.lake, **options)
    access = AccessStack(app, f"{prefix}-Access", config=config, lake=storage.lake, **options)
    landing = LandingStack(
        app,
        f"{prefix}-Landing",
        config=config,
        lake=storage.lake,
        read_policy=access.read_policy,
        snowpipe_user=access.snowpipe_user,
        drop_table_on_delete=destroy,
        **options,
    )
    sample = None
    if config.sample_producer.enabled:
        sample = ProducerStack(
            app,
            f"{prefix}-Producer",
            config=config,
            delivery=streaming.deliveries[config.event_streams[0].name],
            # It holds no events, and is meant to go.
            **{**options, "termination_protection": False},
        )
    OpsStack(
        app,
        f"{prefix}-Ops",
        config=config,
        lake=storage.lake,
        deliveries=streaming.deliveries,
        provider=landing.provider,
        producer=sample.producer if sample else None,
        **options,
    )
    if config.ci.project_path:
        names = [child.stack_name for child in app.node.children if isinstance(child, cdk.Stack)]
        CiStack(app, f"{prefix}-Ci", config=config, stack_names=names, **options)


def _may_lose_data(app: cdk.App, config: PipelineConfig) -> bool:
    asked = str(app.node.try_get_context("allow_data_loss")).lower() == "true"
    if asked and config.production:
        raise ValueError(
            f"allow_data_loss=true is refused: environment {config.env!r} is a production environment "
            "(production = true in its config file), so its events are kept whatever happens to the stacks"
        )
    return asked
