"""`make bench`: marks, the file of results, and the choice of entries. What it measures is tried out by `--quick`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bench import __main__ as program
from bench.chain import longest_chain
from bench.entries import ENTRIES
from bench.figure import Figure, in_turn, ratios
from bench.results import load, result, save
from bench.table import markdown


@pytest.mark.parametrize(
    ("values", "at_most", "at_least", "kept"),
    [
        ((1.9, 2.0, 9.0), 2.0, None, True),
        ((1.9, 2.1, 2.2), 2.0, None, False),
        ((150.0, 90.0, 101.0), None, 100.0, True),
        ((150.0, 90.0, 99.0), None, 100.0, False),
        ((1e9,), None, None, True),
    ],
)
def test_a_mark_is_for_the_median(
    values: tuple[float, ...], at_most: float | None, at_least: float | None, kept: bool
) -> None:
    figure = Figure(name="", against="", values=values, at_most=at_most, at_least=at_least)
    assert figure.is_kept is kept


def test_sides_are_measured_in_turn_after_a_warm_up_and_ratios_are_those_of_a_round() -> None:
    order: list[str] = []

    def side(name: str, seconds: float) -> float:
        order.append(name)
        return seconds * len(order)

    found = in_turn({"a": lambda: side("a", 2.0), "b": lambda: side("b", 1.0)}, 2)
    assert order == ["a", "b"] * 3
    assert found == {"a": [6.0, 10.0], "b": [4.0, 6.0]}
    assert ratios([6.0, 10.0], [4.0, 5.0]) == (1.5, 2.0)


def test_results_of_other_entries_stay(tmp_path: Path) -> None:
    file, figure = tmp_path / "results.json", Figure(name="f", against="g", values=(1.0, 2.0), at_most=2.0)
    assert load(file) == {}
    save({"synth": result([figure], 1.0), "help": result([figure], 1.0)}, file)
    newer = result([figure, figure], 2.0)
    save({"help": newer}, file)
    assert load(file)["help"] == newer
    assert load(file)["synth"].figures == [figure]
    assert str(Path.home()) not in file.read_text()
    assert len(list(markdown(load(file)))) == 2 + 3


def test_only_named_entries_run_and_a_missed_mark_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def measured(entry: Any, _run: Any) -> Any:
        return result(
            [Figure(name=entry.name, against="", values=(float(entry.name == "help"),), at_most=0.5)], 0
        )

    monkeypatch.setattr(program, "_measured", measured)
    monkeypatch.setattr(program, "save", lambda found: save(found, tmp_path / "results.json"))
    assert _run(["synth"]) == 0
    assert _run(["synth", "help"]) == program.MISSED
    assert list(load(tmp_path / "results.json")) == ["synth", "help"]
    assert _run(["unknown"]) == program.USAGE


def _run(names: list[str]) -> int:
    app = typer.Typer()
    app.command()(program.bench)
    return CliRunner().invoke(app, names).exit_code


def test_each_entry_has_a_function_and_the_slow_one_runs_only_if_named() -> None:
    for entry in ENTRIES:
        assert callable(entry.measure)
    assert "test" not in [entry.name for entry in program._chosen([])]


class _CloudFormation:
    """Events of two stacks: each resource took the seconds of its name's digit."""

    def get_paginator(self, _: str) -> _CloudFormation:
        return self

    def paginate(self, StackName: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's
        start = datetime(2026, 11, 1, tzinfo=UTC)
        return [
            {
                "StackEvents": [
                    {"LogicalResourceId": name, "Timestamp": start + timedelta(seconds=seconds)}
                    for name in (f"{StackName}1", f"{StackName}2", f"{StackName}5")
                    for seconds in (0, int(name[-1]))
                ]
            }
        ]


def test_the_longest_chain_follows_references_and_the_order_of_stacks(tmp_path: Path) -> None:
    templates = {
        "A": {"A1": {}, "A2": {"DependsOn": "A1"}, "A5": {}},
        "B": {
            "B1": {"Properties": {"Roles": [{"Fn::GetAtt": ["B2", "Arn"]}]}},
            "B2": {"Properties": {"Bucket": {"Ref": "B5"}}},
            "B5": {},
        },
    }
    artifacts: dict[str, Any] = {}
    for name, resources in templates.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"Resources": resources}))
        properties = {"templateFile": f"{name}.json"}
        artifacts[name] = {"type": "aws:cloudformation:stack", "properties": properties}
    artifacts["B"]["dependencies"] = ["A"]
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    chain = longest_chain(_CloudFormation(), tmp_path)
    assert chain.resources == ("A5", "B5", "B2", "B1")
    assert chain.seconds == 5 + 5 + 2 + 1
