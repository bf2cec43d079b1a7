"""Programs in docs/constructs.md."""

from __future__ import annotations

import re

from config import ROOT

PAGE = (ROOT / "docs" / "constructs.md").read_text()
(PIPELINE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
