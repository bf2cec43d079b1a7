"""Errors that keep a producer from its work.

ProducerError
├── InputError       the events cannot be read, or not any further
└── TargetError      the stream will not take them, now or ever
"""

from __future__ import annotations


class ProducerError(Exception):
    """Something the person at the keyboard can put right; the message says what."""


class InputError(ProducerError):
    """The events cannot be read, or not beyond the damage."""


class TargetError(ProducerError):
    """The stream refuses for a reason that trying again will not change."""
