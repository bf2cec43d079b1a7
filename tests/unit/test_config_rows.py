"""Config of the rows that analysts query."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.config_files import MINIMAL, refusal


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ('[rows]\ndeduplicate = "none"\nsessions = true\n', "sessions = true needs each event once"),
        (
            "[rows]\nkeep_days = 14\n",
            "keep_days = 14 must be more than 14, the days for which Snowpipe knows",
        ),
        ("[rows]\nkeep_days = 30\nlate_days = 30\n", "keep_days = 30 must be more than 30, late_days"),
        ("[rows]\nlate_days = 366\n", "rows.late_days = 366: input should be less than or equal to 365"),
        (
            '[rows]\ndeduplicate = "table"\n',
            "rows.deduplicate = 'table': input should be 'view', 'dynamic_table' or",
        ),
        (
            '[[more_events]]\nname = "o"\ncontract = "contract/order_event.schema.json"\ndata_prefix = "o/"\n'
            'table = "o"\n[more_events.rows]\nsessions = true\n',
            "order_event.schema.json: sessions need columns that it lacks: PAGE_ID",
        ),
    ],
)
def test_rows_that_cannot_be_shown_are_refused(tmp_path: Path, rows: str, told: str) -> None:
    assert told in "\n".join(refusal(tmp_path, MINIMAL + rows))


def test_a_table_and_a_view_have_different_names(tmp_path: Path) -> None:
    """Snowflake keeps both in one namespace."""
    (told,) = refusal(tmp_path, MINIMAL + 'table = "t"\nview = "t"\n')[1:]
    assert "'T' is the name of a table and of a view" in told
