"""docs/security/acknowledgments.md: what the review was told to let pass, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache

from config import ROOT
from tests.infrastructure.conftest import pipeline_config
from tests.infrastructure.review import PACKS, Acknowledged, Review, review
from tests.infrastructure.second_opinions.opinions import ACCEPTED, acceptances
from tests.infrastructure.variants import VARIANTS

PAGE = ROOT / "docs" / "security" / "acknowledgments.md"
_SHORTEST = 40
_HEAD = """\
# What the security review lets pass, and why

Written by `make docs`, held to be current by a test. Five packs of [cdk-nag](https://github.com/cdklabs/cdk-nag) review
every environment of this repository and a pipeline for every option; what they find is fixed, or acknowledged where it is
caused. A place is a construct, and what is below it. `make nag` prints the same as figures.
"""


_LOSING = "may lose data"
REVIEWED = (*VARIANTS, _LOSING)


@cache
def reviewed(name: str) -> Review:
    """The review of one environment or option."""
    if name == _LOSING:
        return review(pipeline_config(), allow_data_loss="true")
    return review(VARIANTS[name])


def reviews() -> Mapping[str, Review]:
    """All of them, by their names."""
    return {name: reviewed(name) for name in REVIEWED}


def acknowledged(found: Mapping[str, Review]) -> list[Acknowledged]:
    """Every acknowledgment of all of them, sorted."""
    return sorted({one for each in found.values() for one in each.acknowledged})


def stale(found: Mapping[str, Review]) -> list[Acknowledged]:
    """Acknowledgments that let nothing pass, in none of the reviews: the finding is gone, or was never this one."""
    findings = {one for each in found.values() for one in each.findings}
    return [one for one in acknowledged(found) if not any(one.covers(finding) for finding in findings)]


def blanket(found: Mapping[str, Review]) -> list[Acknowledged]:
    """Acknowledgments of a rule as a whole, though it says what it found each time: `Rule[what]`."""
    detailed = {
        one.rule.partition("[")[0] for each in found.values() for one in each.findings if "[" in one.rule
    }
    return [one for one in acknowledged(found) if one.rule in detailed]


def unreasoned(found: Mapping[str, Review]) -> list[Acknowledged]:
    """Acknowledgments whose reason is too short to be one."""
    return [one for one in acknowledged(found) if len(one.reason.strip()) < _SHORTEST]


def too_high(found: Mapping[str, Review]) -> list[Acknowledged]:
    """Acknowledgments of a whole stack for what one of its resources does."""
    findings = {one for each in found.values() for one in each.findings}
    return [
        one
        for one in acknowledged(found)
        if "/" not in one.path and any(one.covers(it) and "/" in it.path for it in findings)
    ]


def page(found: Mapping[str, Review]) -> str:
    """The page, by reasons: the same one for many places is read once."""
    everything = acknowledged(found)
    by_reason = defaultdict[str, list[Acknowledged]](list)
    for one in everything:
        by_reason[one.reason].append(one)
    sections = sorted(by_reason.items(), key=lambda item: (_rule_name(item[1][0].rule), item[1][0].path))
    figures = f"{len(everything)} acknowledgments, for {len(by_reason)} reasons."
    lines = [_HEAD, figures, *(line for section in sections for line in _section(*section))]
    return "\n".join([*lines, *_second_opinions()]) + "\n"


def summary(found: Mapping[str, Review]) -> str:
    """The figures, for whoever ran the review."""
    unanswered = sum(len(each.unanswered) for each in found.values())
    rules = {_rule_name(finding.rule) for each in found.values() for finding in each.findings}
    everything = acknowledged(found)
    return (
        f"{len(PACKS)} packs, {len(found)} pipelines: {unanswered} findings are unanswered; "
        f"{len(everything)} acknowledgments for {len({one.reason for one in everything})} reasons "
        f"answer {len(rules)} rules ({PAGE.relative_to(ROOT)})"
    )


def _section(reason: str, ones: Collection[Acknowledged]) -> Iterator[str]:
    names = sorted({_rule_name(one.rule) for one in ones})
    yield f"\n## {', '.join(names)}\n"
    yield f"{reason}\n"
    yield "| place | acknowledged |"
    yield "| --- | --- |"
    places = defaultdict[str, set[str]](set)
    for one in ones:
        places[one.path.removeprefix("<pipeline>-")].add(one.rule)
    for place, rules in sorted(places.items()):
        yield f"| `{place}` | {'<br>'.join(f'`{rule}`' for rule in sorted(rules))} |"


def _second_opinions() -> Iterator[str]:
    yield "\n# What other reviewers would have otherwise\n"
    yield "`make nag` asks them about every template, too; these are the rules that need not be kept"
    yield f"(`{ACCEPTED.relative_to(ROOT)}`). No error of cfn-lint is among them.\n"
    yield "| reviewer | rule | places | why not |"
    yield "| --- | --- | --- | --- |"
    for one in acceptances():
        yield f"| {one.tool} | {one.rule} | {f'`{one.places}`' if one.places != '*' else 'all'} | {one.reason} |"


def _rule_name(rule: str) -> str:
    """What the packs have in common, e.g. `LambdaDLQ`; a rule that only one has keeps its name."""
    name = rule.partition("[")[0]
    return name if name.startswith(("AwsSolutions", "@", "CloudFormation")) else name.rpartition("-")[2]


if __name__ == "__main__":
    PAGE.write_text(page(reviews()), encoding="utf-8")
