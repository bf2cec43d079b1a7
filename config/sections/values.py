"""Building blocks of the sections: a closed table, and shared types of values."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

LogDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653]
# No segment is . or .., which clients of S3 resolve; short enough for policies that name several.
Prefix = Annotated[
    str,
    StringConstraints(pattern=r"^([a-zA-Z0-9_.=-]*[a-zA-Z0-9_=-][a-zA-Z0-9_.=-]*/)+$", max_length=128),
]
# Snowflake folds an unquoted name to upper case; so does this, and the result is quoted everywhere.
SnowflakeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_$]{0,254}$", to_upper=True)]
OptionalSnowflakeName = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_$]{0,254})?$", to_upper=True)
]

SNOWFLAKE_NAME = "a letter or underscore, then letters, digits, _ or $"


class Section(BaseModel):
    """A table of the config file: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
