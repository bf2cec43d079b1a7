"""Prices: the project's, and those of a file in their place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cli.cost.prices import OURS, load_prices
from cli.output import CommandError


def test_other_prices_replace_only_themselves(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'region = "eu-central-1"\n[snowflake.usd]\ncredit = 2.6\n[firehose.usd]\nGB = [[0, 0.1], [10, 0.01]]\n'
        "[assumptions]\ncompression = 4\n"
    )
    ours, mine = load_prices(), load_prices(file)
    assert (mine.region, mine.date) == ("eu-central-1", ours.date)
    assert mine.usd("snowflake", "credit", 10) == 26
    assert mine.usd("snowflake", "TB-month", 1) == ours.usd("snowflake", "TB-month", 1)
    assert mine.usd("firehose", "GB", 110) == pytest.approx(2)
    assert mine.assumptions["compression"] == 4
    assert mine.services["snowflake"].source == "--prices"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[fire]\n", "the file has 'fire'; allowed are date, region, assumptions, kinesis"),
        ("[firehose.usd]\nTB = 1\n", "[firehose.usd] has 'TB'; allowed are GB"),
        ("firehose = 1\n", "[firehose] is no table"),
        ("[kms.usd]\nkey = -1\n", "-1 is no number of 0 or more"),
        ("[kms.usd]\nkey = 'x'\n", "'x' is no number"),
        ("[kms.usd]\nkey = [[5, 1]]\n", "tiers begin at 0 and go up"),
        ("[kms.usd]\nkey = [5, 1]\n", "is no number"),
        ("[assumptions]\nspeed = 1\n", "[assumptions] has 'speed'; allowed are compression"),
        ("[[", "cannot be used: "),
    ],
)
def test_prices_that_cannot_be_used_are_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(CommandError) as refused:
        load_prices(tmp_path / "mine.toml")
    assert said in str(refused.value)
    assert refused.value.exit_code == 2


def test_each_price_has_a_date_a_page_and_its_check() -> None:
    prices = load_prices()
    assert prices.date == str(tomllib.loads(OURS.read_text())["date"]) >= "2026-11-28"
    for service in prices.services.values():
        assert service.source.startswith("https://")
        assert service.checked
