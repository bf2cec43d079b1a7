"""Licences are allowed by a list, the shorter one for what is deployed, and the page shows what is so."""

from __future__ import annotations

from email.message import Message
from pathlib import Path

import pytest
from pydantic import ValidationError

from supply_chain.embedded import libraries_of
from supply_chain.inventory import Dependency, Use, inventory, stated_licences
from supply_chain.licences import PAGE, check, page, summary
from supply_chain.locks import DEPLOYED, python_pins
from supply_chain.policy import LicenceError, LicencePolicy

POLICY = LicencePolicy.model_validate(
    {
        "deployed": {"MIT": "keep the notice", "Apache-2.0": "keep the notice"},
        "tools": {"MPL-2.0": "used unchanged", "Apache-2.0 WITH LLVM-exception": "keep the notice"},
        "meaning": {"MIT License": "MIT", "License :: OSI Approved": ""},
        "read": [
            {
                "package": "vague",
                "stated": ["BSD"],
                "means": "Apache-2.0",
                "why": "its LICENSE file is that text",
            }
        ],
    }
)


def dependency(name: str, *stated: str, use: Use = Use.CHECKING) -> Dependency:
    return Dependency(ecosystem="pypi", name=name, version="1.0", use=use, stated=stated, needs=())


@pytest.fixture(scope="module")
def ours() -> tuple[Dependency, ...]:
    return inventory()


def test_every_dependency_of_ours_is_allowed_and_the_page_is_current(ours: tuple[Dependency, ...]) -> None:
    policy = LicencePolicy.load()
    assert PAGE.read_text(encoding="utf-8") == page(check(ours, policy), policy), "write it with `make docs`"


def test_what_the_lambda_bundles_is_on_the_shorter_list(ours: tuple[Dependency, ...]) -> None:
    deployed = {one.name for one in ours if one.use is Use.DEPLOYED}
    assert deployed == {name for lock in DEPLOYED for name in python_pins(lock)} | {"aws-cdk-lib"}


def test_the_cdk_command_is_operated_and_the_laptops_clients_only_check(ours: tuple[Dependency, ...]) -> None:
    use = {one.name: one.use for one in ours if one.ecosystem == "npm"}
    assert use["aws-cdk"] is Use.OPERATED
    assert use["@aws-sdk/client-s3"] is Use.CHECKING


def test_libraries_packed_inside_what_is_deployed_are_checked_too(ours: tuple[Dependency, ...]) -> None:
    found = check(ours, LicencePolicy.load())
    inside = {part.name: licence for one in found for part, licence in one.embedded}
    assert inside["openssl"] == "Apache-2.0"


@pytest.mark.parametrize(
    ("licence", "use", "allowed"),
    [
        ("MIT", Use.DEPLOYED, True),
        ("MIT", Use.CHECKING, True),
        ("MPL-2.0", Use.DEPLOYED, False),
        ("MPL-2.0", Use.OPERATED, True),
        ("MPL-2.0", Use.CHECKING, True),
        ("GPL-3.0-only", Use.CHECKING, False),
        ("MIT OR GPL-3.0-only", Use.DEPLOYED, True),
        ("MIT AND GPL-3.0-only", Use.DEPLOYED, False),
        ("MIT AND (Apache-2.0 OR GPL-3.0-only)", Use.DEPLOYED, True),
        ("Apache-2.0 WITH LLVM-exception", Use.CHECKING, True),
        ("Apache-2.0 WITH LLVM-exception", Use.DEPLOYED, False),
    ],
)
def test_one_of_an_or_and_all_of_an_and(licence: str, use: Use, allowed: bool) -> None:
    if allowed:
        POLICY.require_allowed("six 1.0", licence, use)
    else:
        with pytest.raises(LicenceError, match="not allowed"):
            POLICY.require_allowed("six 1.0", licence, use)


def test_a_refusal_names_package_licence_and_what_to_do() -> None:
    with pytest.raises(LicenceError) as refused:
        POLICY.require_allowed("fqdn 1.0", "MPL-2.0", Use.DEPLOYED)
    assert str(refused.value) == (
        "fqdn 1.0 is deployed under MPL-2.0, which is not allowed for that: take another package, or have the licence "
        "reviewed and add it to [deployed] in licences.toml"
    )


@pytest.mark.parametrize(
    ("stated", "means"),
    [
        (("MIT",), "MIT"),
        (("MIT License", "License :: OSI Approved"), "MIT"),
        (("MIT License", "MIT"), "MIT"),
        (("MIT", "Apache-2.0 OR GPL-2.0-only"), "MIT AND (Apache-2.0 OR GPL-2.0-only)"),
    ],
)
def test_all_that_a_package_says_counts(stated: tuple[str, ...], means: str) -> None:
    assert POLICY.licence_of("six", stated) == means


@pytest.mark.parametrize(
    "stated", [(), ("License :: OSI Approved",), ("see the file",), ("MIT", "see the file")]
)
def test_words_that_name_no_licence_have_to_be_read_by_a_person(stated: tuple[str, ...]) -> None:
    with pytest.raises(LicenceError, match=r"six says .*read the licence file"):
        POLICY.licence_of("six", stated)


def test_what_a_person_read_holds_for_these_words_only() -> None:
    assert POLICY.licence_of("vague", ("BSD",)) == "Apache-2.0"
    with pytest.raises(LicenceError):
        POLICY.licence_of("vague", ("BSD-like",))
    with pytest.raises(LicenceError):
        POLICY.licence_of("other", ("BSD",))


def test_every_problem_is_told_at_once_and_a_reading_of_what_is_gone_is_one() -> None:
    with pytest.raises(LicenceError) as refused:
        check([dependency("one", "GPL-3.0-only"), dependency("two"), dependency("three", "MIT")], POLICY)
    told = str(refused.value).splitlines()
    assert len(told) == 3
    assert told[0].startswith("one 1.0 is checking under GPL-3.0-only")
    assert told[1].startswith("two says nothing")
    assert told[2].startswith("vague no longer says ['BSD']")


def test_the_summary_counts_what_is_allowed(ours: tuple[Dependency, ...]) -> None:
    found = check(ours, LicencePolicy.load())
    counted = [int(line.split()[1]) for line in summary(found).splitlines()[: len(Use)]]
    assert sum(counted) == len(ours)


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "licences.toml").write_text("[deployed]\n[tools]\n[meaning]\n[allowed]\n")
    with pytest.raises(ValidationError, match="allowed"):
        LicencePolicy.load(tmp_path / "licences.toml")


@pytest.mark.parametrize(
    ("fields", "stated"),
    [
        ([("License-Expression", "MIT"), ("License", "other")], ("MIT",)),
        (
            [("License", "MIT License"), ("Classifier", "License :: OSI Approved")],
            ("MIT License", "License :: OSI Approved"),
        ),
        ([("License", "Copyright 2020\n\nPermission is hereby …")], ("Copyright 2020",)),
        ([("License", ""), ("Classifier", "Topic :: Software")], ()),
    ],
)
def test_metadata_is_read_as_it_is_specified(fields: list[tuple[str, str]], stated: tuple[str, ...]) -> None:
    about = Message()
    for key, value in fields:
        about.add_header(key, value)
    assert stated_licences(about) == stated  # type: ignore[arg-type]


def test_what_only_built_a_wheel_is_not_inside_it() -> None:
    bill = {
        "components": [
            {
                "name": "ring",
                "version": "1",
                "purl": "pkg:cargo/ring@1?x=y",
                "licenses": [{"license": {"id": "ISC"}}],
            },
            {"name": "cc", "version": "1", "purl": "pkg:cargo/cc@1", "scope": "excluded"},
            {"name": "file.c"},
        ]
    }
    assert [(part.purl, part.stated) for part in libraries_of(bill)] == [("pkg:cargo/ring@1", ("ISC",))]
