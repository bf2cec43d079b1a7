"""Sending of events: read or generated, checked, packed, and sent to Kinesis or Firehose."""

from __future__ import annotations

from producer.checking import DocumentChecker, Event, Reject
from producer.checkpoint import Checkpoint
from producer.delivery import RetryPolicy
from producer.errors import InputError, ProducerError, SpoolError, TargetError
from producer.generating import generate
from producer.pacing import paced
from producer.packing import RECORD_KIB
from producer.reading import STDIN, EventInput, open_input
from producer.rejects import RejectsFile
from producer.report import Earlier, Report
from producer.run import OnProgress, OnSent
from producer.sending import SendOptions, send
from producer.spool import SPOOL_MIB, Spool
from producer.target import LIMITS, Target

__all__ = [
    "LIMITS",
    "RECORD_KIB",
    "SPOOL_MIB",
    "STDIN",
    "Checkpoint",
    "DocumentChecker",
    "Earlier",
    "Event",
    "EventInput",
    "InputError",
    "OnProgress",
    "OnSent",
    "ProducerError",
    "Reject",
    "RejectsFile",
    "Report",
    "RetryPolicy",
    "SendOptions",
    "Spool",
    "SpoolError",
    "Target",
    "TargetError",
    "generate",
    "open_input",
    "paced",
    "send",
]
