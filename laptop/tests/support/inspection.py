"""Checks of a page in a browser: the colours of a chart, and axe's findings."""

from __future__ import annotations

import re
from typing import Any

from packages import node_modules
from playwright.sync_api import Locator, Page


def pixels(chart: Locator, color: str) -> int:
    """The number of pixels of a chart in about this colour, including anti-aliased edges."""
    wanted = [int(part) for part in re.findall(r"\d+", color)[:3]]
    found: int = chart.locator("canvas").evaluate(
        """(canvas, [red, green, blue]) => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let found = 0;
            const near = (one, other) => Math.abs(one - other) < 40;
            for (let at = 0; at < data.length; at += 4)
                found += near(data[at], red) && near(data[at + 1], green) && near(data[at + 2], blue);
            return found;
        }""",
        wanted,
    )
    return found


def violations(page: Page) -> list[tuple[str, Any, str]]:
    """Findings of axe on the current page: contrast, names, roles, order."""
    page.evaluate((node_modules() / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("axe.run()")
    return [
        (violation["id"], node["target"], node["failureSummary"])
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
