"""An AWS client with scripted answers, which records its requests."""

from __future__ import annotations

from typing import Any


class Answers:
    """`Answers(describe_alarms=[page, page])`: pages of one operation, as its paginator would give them."""

    def __init__(self, **pages: list[dict[str, Any]]) -> None:
        self._pages = pages
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> Answers:
        self._operation = operation
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        self.asked.append(asked)
        return self._pages[self._operation]
