"""A value that is never shown by accident."""

from __future__ import annotations

from dataclasses import dataclass, field

# A shorter run of equal characters is chance, a longer one is part of the secret.
_TELLING = 8


@dataclass(frozen=True)
class Secret:
    """A value that is only shown by an explicit call of `reveal`."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """The value, for the one place that needs it."""
        return self._value

    def __str__(self) -> str:
        return "***"

    def leaks_in(self, text: str) -> bool:
        """True if `text` contains the secret or a revealing part of it."""
        size = min(_TELLING, len(self._value))
        return any(self._value[at : at + size] in text for at in range(len(self._value) - size + 1))
