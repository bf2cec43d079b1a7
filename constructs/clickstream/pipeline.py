"""A whole pipeline as one construct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_sns as sns
from constructs import Construct

from clickstream.delivery import ClickDelivery
from clickstream.event_gate import EventGate
from clickstream.function_network import FunctionNetwork
from clickstream.lake.event_lake import EventLake
from clickstream.lake.lake import Lake
from clickstream.lake.notifications import LakeNotifications
from clickstream.lake.reader import LakeReadPolicy
from clickstream.pipeline_checks import check_folders, check_kinds, check_names
from clickstream.snowflake.event_landing import ARRIVAL_COLUMN, EventLanding
from clickstream.snowflake.file_format import SnowflakeFileFormat
from clickstream.snowflake.login import SnowflakeLogin
from clickstream.snowflake.names import SnowflakeSchema
from clickstream.snowflake.provider import SnowflakeProvider
from clickstream.snowflake.storage_integration import SnowflakeStorageIntegration
from clickstream.snowflake.table import Column
from clickstream.watch.alarm_topics import AlarmTopics, Recipients, Severity
from clickstream.watch.alarms import Thresholds
from clickstream.watch.canary_events import CanaryEvents, CanaryMetrics
from clickstream.watch.event_watch import EventWatch
from clickstream.watch.function_alarms import canary_alarm, landing_alarm, monitor_alarm
from clickstream.watch.pipe_metrics import PipeMetrics
from clickstream.watch.pipeline_alarm import RUNBOOK, Alerting, PipelineAlarm, add_alarms
from clickstream.watch.snowpipe_monitor import SnowpipeMonitor, WatchedPipe
from clickstream_wire.folders import DAY_FOLDER
from clickstream_wire.resources import MANAGED

_WINDOW = cdk.Duration.minutes(5)


class ClickstreamPipeline(Construct):
    """Firehose, event lake, Snowflake objects and alarms for some kinds of event, in one stack.

    Events are encrypted, sent and read over TLS only, and kept with their tables when the stack is deleted. Snowflake
    assumes a role to read them, so no access key is stored. Each kind of event, e.g. `carts`, has a delivery stream
    `<name>-carts-to-lake`, a folder `carts/`, a table CARTS and a view CARTS_DEDUPLICATED.

    Args:
        scope: the parent.
        construct_id: its name there.
        name: the prefix of all names in the account, e.g. of the role `<name>-snowflake-setup` that a login by
            workload identity is bound to.
        events: kind of event → columns of its table, EVENT_ID and EVENT_TYPE among them.
        schema: the schema of the Snowflake objects.
        login: the deployment's, see `SnowflakeProvider`.
        monitor_login: the monitor's, see `SnowpipeMonitor`, in the role `<name>-pipeline-monitor`; without one there
            are no canary events and no alarms on the Snowflake side.
        lake: the lake that stores events, with a folder for each kind; by default one is created.
        sources: kind of event → Data Stream that producers write to; by default they write to Firehose.
        contracts: kind of event → JSON Schema of its events, each field of which has a column; with one, a gate
            checks every event, and the table gets a column RECEIVED_AT.
        recipients: the people notified of alarms, through topics created for them.
        topics: existing topics for the alarms instead.
        thresholds: the alarm thresholds.
        runbook: the URL at which docs/runbook.md of this repository is published, for the text of alarms.
        network: the VPC of the Lambdas; by default none.
        role_path: the path of all roles and policies.

    Raises:
        ValueError: a name is not made of 1 to 21 lower-case letters, digits and hyphens, a letter first; the lake has
            no folder for a kind of event, or a source or contract is for none of them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        events: Mapping[str, Sequence[Column]],
        schema: SnowflakeSchema,
        login: SnowflakeLogin,
        monitor_login: SnowflakeLogin | None = None,
        lake: Lake | None = None,
        sources: Mapping[str, kinesis.IStream] | None = None,
        contracts: Mapping[str, Path] | None = None,
        recipients: Mapping[Severity, Recipients] | None = None,
        topics: Mapping[Severity, sns.ITopic] | None = None,
        thresholds: Thresholds | None = None,
        runbook: str = RUNBOOK,
        network: FunctionNetwork | None = None,
        role_path: str | None = None,
    ) -> None:
        check_names(name, *events)
        check_kinds("Data Stream in sources", sources or {}, events)
        check_kinds("contract", contracts or {}, events)
        super().__init__(scope, construct_id)
        self._name, self._network, self._role_path = name, network, role_path
        self.lake = lake or EventLake(self, "Lake", data_prefixes=[_folder(kind) for kind in events])
        check_folders(self.lake, map(_folder, events))
        gates = {kind: self._build_gate(kind, contract) for kind, contract in (contracts or {}).items()}
        self.deliveries = {
            kind: self._build_delivery(kind, (sources or {}).get(kind), gates.get(kind)) for kind in events
        }
        self.provider = SnowflakeProvider(
            self,
            "Snowflake",
            login=login,
            role_name=f"{name}-snowflake-setup",
            role_path=role_path,
            network=network,
        )
        self.landings = self._build_landings(events, schema)
        for kind, gate in gates.items():
            gate.node.add_dependency(
                self.landings[kind].table
            )  # it writes columns that the table has by then
        thresholds = thresholds or Thresholds()
        self.monitor = self._build_monitor(monitor_login, thresholds) if monitor_login else None
        self.canary = self._build_canary() if monitor_login else None
        self.alerting = Alerting(
            prefix=name,
            topics=topics or AlarmTopics(self, "Topics", recipients=recipients).topics,
            runbook=runbook,
        )
        self.watches = {kind: self._build_watch(kind, thresholds) for kind in events}
        self.alarms = [alarm for watch in self.watches.values() for alarm in watch.alarms]
        self.alarms += self._build_function_alarms()

    def _build_gate(self, kind: str, contract: Path) -> EventGate:
        return EventGate(
            self,
            f"{_id(kind)}Gate",
            deployment=self._name,
            events=kind,
            contract=contract,
            lake=self.lake,
            reject_prefix=f"{self.lake.reject_prefix}{kind}/",
            role_path=self._role_path,
            network=self._network,
        )

    def _build_delivery(
        self, kind: str, source: kinesis.IStream | None, gate: EventGate | None
    ) -> ClickDelivery:
        return ClickDelivery(
            self,
            f"{_id(kind)}Delivery",
            lake=self.lake,
            delivery_stream_name=f"{self._name}-{kind}-to-lake",
            data_prefix=_folder(kind),
            error_prefix=f"{self.lake.error_prefix}{kind}/",
            source=source,
            gate=gate,
            role_path=self._role_path,
        )

    def _build_landings(
        self, events: Mapping[str, Sequence[Column]], schema: SnowflakeSchema
    ) -> dict[str, EventLanding]:
        provider, comment = self.provider, f"{self._name}: {MANAGED}"
        integration = SnowflakeStorageIntegration(
            self,
            "Integration",
            provider=provider,
            name=f"{_object(self._name)}_LAKE",
            lake=self.lake,
            read_policy=LakeReadPolicy(self, "ReadPolicy", lake=self.lake, path=self._role_path),
            role_name=f"{self._name}-snowpipe-reader",
            role_path=self._role_path,
            external_id=self._name,
            comment=comment,
        )
        file_format = SnowflakeFileFormat(
            self,
            "FileFormat",
            provider=provider,
            name=schema.object(f"{_object(self._name)}_JSON"),
            comment=comment,
        )
        landings = {
            kind: EventLanding(
                self,
                f"{_id(kind)}Landing",
                provider=provider,
                lake=self.lake,
                access=integration,
                file_format=file_format,
                data_prefix=_folder(kind),
                stage=schema.object(f"{_object(kind)}_LAKE"),
                table=schema.object(_object(kind)),
                pipe=schema.object(f"{_object(kind)}_PIPE"),
                view=schema.object(f"{_object(kind)}_DEDUPLICATED"),
                day_folder=DAY_FOLDER,
                columns=[*columns, ARRIVAL_COLUMN] if self.deliveries[kind].gate else columns,
                comment=f"{comment}, {kind}",
            )
            for kind, columns in events.items()
        }
        notifications = LakeNotifications(
            self,
            "Notifications",
            lake=self.lake,
            channels={_folder(kind): landing.notification_channel for kind, landing in landings.items()},
            provider=provider,
            role_path=self._role_path,
        )
        for landing in landings.values():
            landing.refresh_after(notifications)
        return landings

    def _build_monitor(self, login: SnowflakeLogin, thresholds: Thresholds) -> SnowpipeMonitor:
        return SnowpipeMonitor(
            self,
            "Monitor",
            login=login,
            deployment=self._name,
            lake=self.lake,
            pipes=[
                WatchedPipe(
                    events=kind,
                    pipe=landing.pipe.name,
                    table=landing.table.name,
                    data_prefix=_folder(kind),
                )
                for kind, landing in self.landings.items()
            ],
            window=_WINDOW,
            file_age=thresholds.pending_file_age,
            role_name=f"{self._name}-pipeline-monitor",
            role_path=self._role_path,
            network=self._network,
        )

    def _build_canary(self) -> CanaryEvents:
        return CanaryEvents(
            self,
            "Canary",
            deployment=self._name,
            deliveries=self.deliveries,
            role_path=self._role_path,
            network=self._network,
        )

    def _build_watch(self, kind: str, thresholds: Thresholds) -> EventWatch:
        return EventWatch(
            self,
            f"{_id(kind)}Watch",
            alerting=self.alerting,
            events=kind,
            delivery=self.deliveries[kind],
            thresholds=thresholds,
            pipe=self._pipe_metrics(kind) if self.monitor else None,
            canary=CanaryMetrics(deployment=self._name, events=kind) if self.canary else None,
        )

    def _pipe_metrics(self, kind: str) -> PipeMetrics:
        return PipeMetrics(
            deployment=self._name, events=kind, status_period=cdk.Duration.minutes(1), window=_WINDOW
        )

    def _build_function_alarms(self) -> list[PipelineAlarm]:
        definitions = [landing_alarm(self.provider.function, period=_WINDOW)]
        if self.monitor and self.canary:
            kind = next(iter(self.watches))
            canaries = CanaryMetrics(deployment=self._name, events=kind)
            definitions.append(monitor_alarm(self.monitor.function, self._pipe_metrics(kind), canaries))
            definitions.append(canary_alarm(self.canary.function, window=_WINDOW))
        return add_alarms(self, self.alerting, definitions)


def _folder(kind: str) -> str:
    return f"{kind}/"


def _object(name: str) -> str:
    return name.upper().replace("-", "_")


def _id(kind: str) -> str:
    return kind.title().replace("-", "")
