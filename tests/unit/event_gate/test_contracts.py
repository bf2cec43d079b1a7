"""A company's own contract: other names, columns given by `x-column`, nested objects, no place for the rest."""

from __future__ import annotations

import json
from typing import Any

import contract
from config import ROOT
from tests.documented import documented
from tests.unit.event_gate.gates import RECEIVED_AT, Harness

SCHEMA: dict[str, Any] = {
    "title": "Tracked",
    "type": "object",
    "required": ["messageId", "event", "originalTimestamp"],
    "$defs": {"moment": {"oneOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}},
    "properties": {
        "messageId": {"type": "string", "x-column": "EVENT_ID"},
        "event": {"type": "string", "x-column": "EVENT_TYPE"},
        "originalTimestamp": {"type": "string", "format": "date-time", "x-column": "TIMESTAMP"},
        "sentAt": {"$ref": "#/$defs/moment", "x-column": "SENT_AT"},
        "context": {"type": "object", "properties": {"page": {"type": "object"}}},
        "traits": {"type": ["object", "null"], "x-column": "PROPERTIES"},
    },
}
EVENT = {"messageId": "m", "event": "Order Completed", "originalTimestamp": "2026-11-22T10:15:30Z"}


def test_fields_get_their_columns_names() -> None:
    gate = Harness(contract.parse(SCHEMA))
    sent = {**EVENT, "sentAt": None, "context": {"page": {"url": "/"}}, "anonymousId": "a", "event_id": "x"}
    assert gate.lines(json.dumps(sent).encode()) == [
        {
            "event_id": "m",
            "event_type": "Order Completed",
            "timestamp": "2026-11-22T10:15:30Z",
            "sent_at": None,
            "context": {"page": {"url": "/"}},
            "properties": {"anonymousId": "a", "event_id": "x"},
            "received_at": RECEIVED_AT,
        }
    ]


def test_the_documented_contract_is_one() -> None:
    (text,) = documented(ROOT / "docs" / "event.md", "json")
    gate = Harness(contract.parse(json.loads(text)))
    (line,) = gate.lines(json.dumps({**EVENT, "anonymousId": "a", "other": 1}).encode())
    assert line["anonymous_id"] == "a"
    assert line["properties"] == {"other": 1}


def test_without_a_place_for_the_rest_an_unlisted_field_is_a_reject() -> None:
    fields = {name: spec for name, spec in SCHEMA["properties"].items() if name != "traits"}
    gate = Harness(contract.parse({**SCHEMA, "properties": fields}))
    assert gate.lines(json.dumps({**EVENT, "other": 1}).encode()) == []
    assert gate.reasons() == ["name"]
    assert len(gate.lines(json.dumps(EVENT).encode())) == 1
