"""Errors that stop a producer.

ProducerError
├── InputError       the events cannot be read, or only up to some point
├── SpoolError       the spool cannot be used
└── TargetError      the stream permanently refuses them
"""

from __future__ import annotations


class ProducerError(Exception):
    """Something the user can correct; the message says what."""


class InputError(ProducerError):
    """The events cannot be read, or only up to the damage."""


class SpoolError(ProducerError):
    """The spool cannot be opened or written, is in use, or has events of another stream."""


class TargetError(ProducerError):
    """The stream refuses for a permanent reason."""
