"""Signals while something is half done."""

from __future__ import annotations

import os
import signal

import pytest

from laptop.cloud.interruptions import Interruptions


def test_sigterm_and_sigint_become_exceptions() -> None:
    interruptions = Interruptions()
    with pytest.raises(SystemExit) as ended, interruptions.raised():
        os.kill(os.getpid(), signal.SIGTERM)
    assert ended.value.code == 143
    with pytest.raises(KeyboardInterrupt), interruptions.raised():
        os.kill(os.getpid(), signal.SIGINT)


def test_a_held_signal_is_raised_when_the_moment_has_passed() -> None:
    interruptions, done = Interruptions(), []

    def two_steps() -> None:
        with interruptions.held():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("whole")
        done.append("never")

    with pytest.raises(SystemExit), interruptions.raised():
        two_steps()
    assert done == ["whole"]


def test_the_handlers_of_before_are_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Interruptions().raised():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
