"""Other reviewers' opinion on every template. `make nag` asks for it: too slow for every run of the tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.infrastructure.second_opinions.opinions import acceptances, pointless, remaining, tell
from tests.infrastructure.second_opinions.reviewers import cfn_lint, checkov
from tests.infrastructure.synthesis import Pipeline
from tests.infrastructure.variants import VARIANTS

REVIEWERS = {"cfn-lint": cfn_lint, "checkov": checkov}


@pytest.fixture(scope="module")
def resources(variant: Callable[[str], Pipeline]) -> int:
    """How many resources all pipelines have together."""
    return sum(len(template["Resources"]) for name in VARIANTS for template in variant(name).stacks.values())


@pytest.fixture(scope="module")
def templates(variant: Callable[[str], Pipeline], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates")
    for name in VARIANTS:
        for stack, template in variant(name).stacks.items():
            path = folder / name / f"{stack}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(template))
    return folder


@pytest.mark.parametrize("tool", REVIEWERS)
def test_nothing_is_found_but_what_is_accepted(
    tool: str,
    templates: Path,
    resources: int,
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    judgement = REVIEWERS[tool](templates)
    found = remaining(judgement.opinions)
    tell(record_property, found)
    with capsys.disabled():
        rules = sum(each.tool == tool for each in acceptances())
        print(
            f"\n{tool}, {len([*templates.rglob('*.json')])} templates: {len(found)} findings are not accepted; "
            f"{len(judgement.opinions) - len(found)} are, of {rules} rules"
        )
    assert found == []
    assert pointless(judgement.opinions, tool) == []
    assert judgement.resources == {"checkov": resources}.get(tool), "it did not read all of it"


def careless(folder: Path, properties: dict[str, object]) -> Path:
    template = {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}}
    (folder / "Careless.json").write_text(json.dumps(template))
    return folder


def test_a_property_that_does_not_exist_is_found(tmp_path: Path) -> None:
    (found,) = remaining(cfn_lint(careless(tmp_path, {"Encripted": True})).opinions)
    assert (found.rule, found.stack, found.place) == (
        "E3002",
        "Careless",
        "Resources/Bucket/Properties/Encripted",
    )


def test_a_public_bucket_is_found(tmp_path: Path) -> None:
    found = remaining(checkov(careless(tmp_path, {"AccessControl": "PublicRead"})).opinions)
    assert ("CKV_AWS_20", "Careless", "AWS::S3::Bucket.Bucket") in {
        (one.rule, one.stack, one.place) for one in found
    }


def test_what_is_no_template_is_no_review(tmp_path: Path) -> None:
    (tmp_path / "Broken.json").write_text('{"Resources": {')
    assert {one.rule for one in cfn_lint(tmp_path).opinions} == {"E0000"}
    with pytest.raises(ValueError, match="checkov"):
        checkov(tmp_path)
