"""A headless Chromium that can reach this machine only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

# As in the Makefile.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_browser() -> str:
    """Find an installed browser."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise FileNotFoundError(
        f"no browser for the tests of the page ({', '.join(BROWSERS)}): run `make test-laptop` as root, which installs "
        "one, or install one yourself, e.g. apt-get install chromium"
    )


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A browser that is closed at the end of the block."""
    # Chromium's sandbox does not run as root.
    arguments = [*_QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()
