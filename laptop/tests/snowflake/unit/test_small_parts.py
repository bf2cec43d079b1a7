"""Names, error limits, roles, notifications, transactions."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from laptop.snowflake.catalog import Catalog
from laptop.snowflake.grants import Grants
from laptop.snowflake.names import Kind, Name, like_matches
from laptop.snowflake.objects import OnError, Role
from laptop.snowflake.queue import Notification, parse_body
from laptop.snowflake.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "state")
    yield store
    store.close()


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("CLICK%", "click_events", True),
        ("A_C", "abc", True),
        ("A\\_C", "ABC", False),
        ("A\\_C", "A_C", True),
        ("A.C", "ABC", False),
        ("%", "", True),
    ],
)
def test_like(pattern: str, text: str, expected: bool) -> None:
    assert like_matches(pattern, text) is expected


@pytest.mark.parametrize(
    ("on_error", "errors", "parsed", "refused"),
    [
        (OnError(mode="CONTINUE"), 9, 9, False),
        (OnError(mode="SKIP_FILE"), 1, 9, True),
        (OnError(mode="SKIP_FILE"), 0, 9, False),
        (OnError(mode="SKIP_FILE", limit=3), 2, 9, False),
        (OnError(mode="SKIP_FILE", limit=3), 3, 9, True),
        (OnError(mode="SKIP_FILE", limit=10, percent=True), 1, 10, False),
        (OnError(mode="SKIP_FILE", limit=10, percent=True), 2, 10, True),
    ],
)
def test_the_number_of_errors_a_file_may_have(
    on_error: OnError, errors: int, parsed: int, refused: bool
) -> None:
    assert on_error.refuses(errors=errors, parsed=parsed) is refused


def test_names_are_printed_with_quotes_only_if_necessary() -> None:
    assert str(Name(("DB", "raw", 'a"b'))) == 'DB."raw"."a""b"'


def test_roles_inherit_transitively_and_everyone_has_public(store: Store) -> None:
    grants = Grants(store)
    for role, member in (("A", "B"), ("B", "C"), ("X", "Y")):
        grants.join(role, Kind.ROLE, member, "ADMIN")
    grants.join("C", Kind.USER, "U", "ADMIN")
    assert grants.effective("C") == {"A", "B", "C", "PUBLIC"}
    assert grants.effective("A") == {"A", "PUBLIC"}
    assert grants.roles_of_user("U") == {"A", "B", "C", "PUBLIC"}
    assert grants.roles_of_user("NOBODY") == {"PUBLIC"}


def test_a_rollback_restores_objects_in_memory(store: Store) -> None:
    catalog, grants = Catalog(store), Grants(store)
    role = Role(name=Name(("R",)), owner="X")

    def failing() -> None:
        with store.transaction():
            catalog.put(role)
            grants.give("USAGE", role.id, "R", "X")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert catalog.find(Role, role.name) is None
    assert grants.on(role.id) == []
    with store.transaction():
        catalog.put(role)
    assert Catalog(store).find(Role, role.name) == role


def test_a_notification_names_bucket_and_decoded_key() -> None:
    record = {
        "eventName": "ObjectCreated:CompleteMultipartUpload",
        "eventTime": "2024-05-01T10:00:00.000Z",
        "s3": {"bucket": {"name": "lake"}, "object": {"key": "events/dt%3D1/a+b.gz"}},
    }
    removed = {**record, "eventName": "ObjectRemoved:Delete"}
    assert parse_body(json.dumps({"Records": [record, removed]})) == (
        Notification("lake", "events/dt=1/a b.gz", dt.datetime(2024, 5, 1, 10, tzinfo=dt.UTC)),
    )


@pytest.mark.parametrize("body", ['{"Event": "s3:TestEvent"}', "not json", "[]", '{"Records": [{}]}'])
def test_other_messages_are_ignored(body: str) -> None:
    assert parse_body(body) == ()
