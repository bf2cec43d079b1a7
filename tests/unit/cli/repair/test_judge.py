"""Records are judged as the deployed gate judges them."""

from __future__ import annotations

import gzip
import json

from cli.repair.judge import Judge
from config.files import load_config
from tests.unit.cli.rejects.lakes import NOW

CLICKS = load_config("local").event_stream("clicks")
EVENT = {"event_id": "e", "event_type": "click", "page_id": "p", "timestamp": "2026-11-22T10:00:00Z"}


def line(**more: object) -> str:
    return json.dumps({**EVENT, **more})


def test_the_good_events_of_a_record_are_lines_and_the_others_rejects() -> None:
    judged = Judge(CLICKS).judge(f"{line()}\noops\n{line(event_type=1)}{line(colour='red')}".encode(), NOW)
    assert judged
    first, second = (json.loads(text) for text in judged.lines.splitlines())
    assert first == {**EVENT, "received_at": "2026-11-22T10:15:00.000Z"}
    assert second["properties"] == {"colour": "red"}
    assert [(reject.text, reject.number) for reject in judged.rejects] == [
        ("oops", 1),
        (line(event_type=1), 2),
    ]
    assert [reject.flaws[0].reason for reject in judged.rejects] == ["not_json", "contract"]


def test_a_record_is_judged_apart_from_others() -> None:
    judge = Judge(CLICKS)
    ids = []
    for record in (b"oops", line().encode(), b"oops"):
        judged = judge.judge(record, NOW)
        assert judged
        ids.append([reject.reject_id for reject in judged.rejects])
    assert ids[0] == ids[2] != ids[1] == []


def test_a_compressed_record_is_judged_as_what_it_unpacks_to() -> None:
    events = "\n".join(line(event_id=str(number)) for number in range(1000)).encode()
    judged = Judge(CLICKS).judge(gzip.compress(events), NOW)
    assert judged
    assert judged.lines.count(b"\n") == 1000
