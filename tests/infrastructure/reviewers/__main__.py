"""`python -m tests.infrastructure.reviewers FOLDER`: writes the templates of every variant for external scanners."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.infrastructure.synthesis import synthesize
from tests.infrastructure.variants import VARIANTS

for name, config in VARIANTS.items():
    folder = Path(sys.argv[1], name.replace(" ", "-"))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as out:
        for stack, template in synthesize(Path(out, "cdk.out"), config).stacks.items():
            (folder / f"{stack}.json").write_text(json.dumps(template))
