"""Takes the README's screenshot: `python -m tests.e2e.screenshot FILE`."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import FloatRect, ViewportSize

from laptop.testing.browser import running_browser
from tests.e2e.laptop import Laptop

_SIZE = ViewportSize(width=1280, height=900)
_TRAFFIC_MS = 330_000
_ROWS_HEIGHT = 165


def main(picture: Path) -> None:
    """Deploy to a new laptop cloud, send events for some minutes, take a picture of the page."""
    with tempfile.TemporaryDirectory() as folder:
        laptop = Laptop(Path(folder) / "state")
        try:
            laptop.run("up")
            _take(laptop, picture)
        finally:
            laptop.run("down")
    print(f"{picture}: {picture.stat().st_size / 1000:.0f} kB")


def _take(laptop: Laptop, picture: Path) -> None:
    servers = json.loads(laptop.run("status", "--json"))["laptop"]["servers"]
    (address,) = [server["endpoint"] for server in servers if server["name"] == "dashboard page"]
    producer = laptop.start("send", "--rate", "25", "--json")
    try:
        with running_browser() as browser:
            page = browser.new_page(viewport=_SIZE, color_scheme="light")
            page.goto(address)
            page.get_by_text("5 min", exact=True).click()
            # The charts need data.
            page.wait_for_timeout(_TRAFFIC_MS)
            picture.parent.mkdir(parents=True, exist_ok=True)
            rows = page.locator("#rows").bounding_box()
            assert rows is not None
            # A few rows are enough, and the file stays small.
            shown = FloatRect(x=0, y=0, width=_SIZE["width"], height=rows["y"] + _ROWS_HEIGHT)
            page.screenshot(path=picture, full_page=True, clip=shown)
    finally:
        producer.send_signal(signal.SIGINT)
        producer.communicate(timeout=60)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
