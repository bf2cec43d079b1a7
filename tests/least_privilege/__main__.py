"""`make docs`: write the page into the folder named on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.least_privilege import page

target = Path(sys.argv[1]) / page.NAME
target.parent.mkdir(exist_ok=True)
target.write_text(page.text(), encoding="utf-8")
