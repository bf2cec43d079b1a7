"""For any input and any refusals, the counts add up."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import contract
from producer import RejectsFile, RetryPolicy, SendOptions, Target, send
from producer.service import Refusal
from tests.unit.producer.conftest import documents_of

CLICK_EVENT = contract.load()
TARGET = Target(kind="firehose", name="clicks", region="eu-west-1")
OPTIONS = SendOptions(
    record_bytes=200, retry=RetryPolicy(attempts=3, base_seconds=0.0001, cap_seconds=0.001, total_seconds=10)
)
BUSY = Refusal("ServiceUnavailableException", "slow down")


def good(number: int) -> bytes:
    return b'{"event_id": "e%d", "event_type": "click", "timestamp": "2026-11-22T10:15:30Z"}' % number


@contextmanager
def rejects_of_its_own() -> Iterator[RejectsFile]:
    """A new rejects file: Hypothesis runs many examples in one test, and so in one tmp_path."""
    with tempfile.TemporaryDirectory() as folder, RejectsFile(Path(folder) / "r.ndjson") as rejects:
        yield rejects


LINE = st.one_of(
    st.integers(0, 99).map(good), st.sampled_from([b"", b"  ", b"nonsense", b"{}", b"\xff", good(1) + b" "])
)


@given(st.lists(LINE, max_size=60), st.lists(st.lists(st.booleans(), min_size=70, max_size=70), max_size=6))
def test_every_document_is_accounted_for(texts: list[bytes], refusals: list[list[bool]]) -> None:
    taken: list[bytes] = []

    class Flaky:
        def put(self, records: Sequence[bytes]) -> list[Refusal | None]:
            refused = refusals.pop() if refusals else [False] * len(records)
            taken.extend(one for one, no in zip(records, refused, strict=False) if not no)
            return [BUSY if no else None for _, no in zip(records, refused, strict=False)]

    with rejects_of_its_own() as rejects:
        source = documents_of(b"\n".join(texts))
        report = send(
            source, contract=CLICK_EVENT, target=TARGET, rejects=rejects, service=Flaky(), options=OPTIONS
        )
        rejects.close()
        kept = rejects.path.read_text().splitlines() if rejects.path.exists() else []
    entries = [json.loads(text) for text in kept]
    sent = [event for record in taken for event in record.split(b"\n")]
    assert report.sent == len(sent)
    assert report.read == sum(1 for text in texts if text.strip())
    assert report.valid == report.sent + report.failed
    assert len(entries) == report.rejected + report.failed
    assert sorted(
        sent + [entry["event"].encode() for entry in entries if "offered" in entry["reason"]]
    ) == sorted(text.strip() for text in texts if text.startswith(b'{"event_id'))
