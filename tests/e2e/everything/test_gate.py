"""Foreign records, put straight into the stream: every value is in its row, everything else is a reject."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.everything.conftest import Pipeline
from tests.exactness.comparing import differences, rejects_in, settled
from tests.exactness.events import Maker, Sent
from tests.exactness.sending import put_foreign, send_good

ENV = "local"


def test_every_value_is_in_its_row_or_a_reject(pipeline: Pipeline, tmp_path: Path) -> None:
    sent, maker, before = Sent(), Maker(seed=1), rejects_in(pipeline)
    send_good(pipeline, ENV, maker, 500, sent, tmp_path)
    put_foreign(pipeline, ENV, maker, 100, sent)
    settled(pipeline, sent, before)
    assert differences(pipeline, sent) == []
    reasons = rejects_in(pipeline) - before
    known = {reason: count for reason, count in sent.rejects.items() if reason}
    assert known.items() <= {reason: reasons[reason] for reason in known}.items()


def test_the_gates_metrics_are_published(pipeline: Pipeline) -> None:
    found = pipeline.client("cloudwatch").list_metrics(Namespace="Clickstream")["Metrics"]
    names = {metric["MetricName"] for metric in found}
    assert {"EventsAccepted", "EventsRejected", "FieldsFolded"} <= names
    by_reason = [metric for metric in found if "Reason" in {each["Name"] for each in metric["Dimensions"]}]
    assert by_reason
