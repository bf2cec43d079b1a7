from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from snowflake_setup.pipe.refresh_choice import Choice, StagedFile, choose
from snowflake_setup.sql.timestamps import timestamp

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

files = st.lists(
    st.tuples(st.sampled_from(["a", "b", "ab", "b/c", "d", "e", "f", "g"]), st.integers(0, 6), st.booleans()),
    unique_by=lambda entry: entry[0],
)


def chosen_by(found: Choice, lake: list[StagedFile], *, inclusive: bool) -> set[str]:
    """Files that REFRESH would queue, for either reading of MODIFIED_AFTER."""
    after = found.modified_after
    return {
        file.url
        for file in lake
        if found.everything
        or (after and (file.modified >= after if inclusive else file.modified > after))
        or any(file.url.startswith(url) for url in found.prefixes)
    }


@given(files, st.booleans())
def test_all_missing_files_are_selected_and_no_loaded_ones(
    entries: list[tuple[str, int, bool]], inclusive: bool
) -> None:
    lake = [StagedFile(url, NOON + timedelta(seconds=second)) for url, second, _ in entries]
    loaded = {url for url, _, done in entries if done}
    found = choose(lake, loaded)
    chosen = chosen_by(found, lake, inclusive=inclusive)
    assert chosen.isdisjoint(loaded)
    assert chosen | set(found.left_out) == {file.url for file in lake} - loaded


def test_the_files_of_a_pause_need_one_statement() -> None:
    lake = [StagedFile(f"f{minute}", NOON + timedelta(minutes=minute)) for minute in range(100)]
    found = choose(lake, {f"f{minute}" for minute in range(90)})
    assert found == Choice(modified_after=NOON + timedelta(minutes=89, seconds=1))


def test_a_file_notified_late_is_selected_by_name() -> None:
    lake = [StagedFile(f"f{minute}", NOON + timedelta(minutes=minute)) for minute in range(10)]
    assert choose(lake, {f"f{minute}" for minute in range(10) if minute != 4}) == Choice(prefixes=("f4",))


def test_an_outage_in_the_middle_needs_few_statements() -> None:
    lake = [StagedFile(f"dt=1/hh={hour:02}/{minute:02}", NOON + timedelta(hours=hour, minutes=minute))
            for hour in range(24) for minute in range(60)]  # fmt: skip
    missing = {file.url for file in lake if file.url.startswith(("dt=1/hh=1", "dt=1/hh=05/3"))}
    found = choose(lake, {file.url for file in lake} - missing)
    assert found == Choice(prefixes=("dt=1/hh=05/3", "dt=1/hh=1"))


def test_every_format_of_a_time_is_read() -> None:
    for text in (
        "Mon, 23 Nov 2026 12:00:00 GMT",
        "2026-11-23T12:00:00Z",
        "2026-11-23 13:00:00+01:00",
        "2026-11-23T12:00:00",
    ):
        assert timestamp(text) == NOON
    assert timestamp(NOON.replace(tzinfo=None)) == NOON
