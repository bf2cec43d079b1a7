"""Choice of the environment for a command or a synthesis."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

# The laptop's: nothing reaches an account before an environment has been named (docs/adr/0018).
DEFAULT_ENV = "local"
ENV_VARIABLE = "CLICKSTREAM_ENV"
CONTEXT_KEYS = ("env", "allow_data_loss")
# Feature flags and the CDK CLI's own keys contain a colon, a slash or a hyphen.
_KEY_OF_AN_APP = re.compile(r"\w+")


def chosen_env(context: Mapping[str, object]) -> str:
    """The environment named by `-c env=…`, else by CLICKSTREAM_ENV; by default the laptop's.

    Args:
        context: every context key that the app was given.

    Raises:
        ValueError: a key is unknown; a typo would otherwise deploy the default environment.
    """
    for key in context:
        if _KEY_OF_AN_APP.fullmatch(key) and key not in CONTEXT_KEYS:
            raise ValueError(f"context key {key!r} is unknown; this app takes {', '.join(CONTEXT_KEYS)}")
    return str(context.get("env") or os.environ.get(ENV_VARIABLE) or DEFAULT_ENV)
