"""Each file is loaded once, whatever fails while a pipe is replaced."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from snowflake_setup.session.errors import (
    SetupError,
    SnowflakeError,
)
from snowflake_setup.sql.base import Statement
from tests.unit.snowflake_setup import fakes
from tests.unit.snowflake_setup.events import PIPE, name, send
from tests.unit.snowflake_setup.pipes import (
    PIPE_ID,
    SKIP_FILE,
    landed,
    loads,
    update,
    url,
)

arrivals = st.lists(st.tuples(st.integers(0, 25), st.booleans(), st.integers(0, 3)), max_size=12)


@settings(max_examples=150)
@given(arrivals=arrivals, fail_at=st.one_of(st.none(), st.integers(0, 20)), rename=st.booleans())
def test_each_file_is_loaded_once_for_any_order_and_any_failure(
    arrivals: list[tuple[int, bool, int]], fail_at: int | None, rename: bool
) -> None:
    """Files land before any statement, notified at once or late; one statement may fail, then the update rolls back."""
    bench = landed(fakes.bench())
    late: list[str] = []
    step = 0

    def meanwhile(statement: Statement) -> None:
        nonlocal step
        for number, (at, notified, seconds) in enumerate(arrivals):
            if at == step:
                bench.clock.time += timedelta(milliseconds=seconds * 400)
                bench.snowflake.land(url(f"n{number}"), notify=notified)
                if not notified:
                    late.append(url(f"n{number}"))
        step += 1
        if step - 1 == fail_at:
            raise SnowflakeError("bad luck")

    bench.snowflake.before = meanwhile
    new = {**SKIP_FILE, **name("OTHER_PIPE")} if rename else SKIP_FILE
    try:
        physical_id, _ = update(bench, new, PIPE)
        bench.snowflake.before = lambda statement: None
        if physical_id != PIPE_ID:
            send(bench, "Delete", "Pipe", PIPE, physical_id=PIPE_ID)
    except SetupError:
        bench.snowflake.before = lambda statement: None
        # A notification after a second replacement is too late: see the end of `pipe_replacement`'s docstring.
        while late:
            bench.snowflake.notify(late.pop())
        update(bench, PIPE, new)
    for waiting in late:
        bench.snowflake.notify(waiting)
    assert loads(bench) == Counter(dict.fromkeys(bench.snowflake.lake, 1))
    assert [there.paused for there in bench.snowflake.pipes.values()] == [False]
