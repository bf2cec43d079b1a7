"""All IAM identities of the pipeline."""

from __future__ import annotations

from tests.least_privilege import landing, pipelines, producer, readers, watchers, writers

IDENTITIES = (
    writers.DELIVERY,
    writers.GATE,
    readers.USER,
    readers.ROLE,
    landing.SETUP,
    landing.FRAMEWORK,
    landing.NOTIFICATIONS,
    watchers.MONITOR,
    watchers.CANARY,
    producer.MACHINE,
    producer.FLOWS,
    pipelines.DEPLOY,
    pipelines.DIFF,
)
