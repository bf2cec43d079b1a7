"""A file with another hash than the locked one never gets into a bundle, even under the right name."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from clickstream.bundling import installer
from clickstream.bundling.bundle import build_bundle
from clickstream.bundling.target import BundleTarget

NAME = "thing-1.0-py3-none-any.whl"
THIS_MACHINE = BundleTarget.this_machine()


@pytest.fixture(params=["uv", "pip"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only index that the installer may use."""
    if request.param == "pip":
        monkeypatch.setattr(installer, "_uv", lambda: None)
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    return folder


def wheel(folder: Path, code: str, name: str = NAME) -> str:
    """Build the wheel; return its SHA-256."""
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("thing.py", code)
        archive.writestr("thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
        tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr("thing-1.0.dist-info/WHEEL", tags)
        archive.writestr("thing-1.0.dist-info/licenses/LICENSE", "keep this notice")
        archive.writestr("thing-1.0.dist-info/RECORD", "")
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()


def bundle(tmp_path: Path, lock: str, target: BundleTarget = THIS_MACHINE) -> zipfile.ZipFile:
    package = tmp_path / "setup"
    package.mkdir()
    (package / "requirements.txt").write_text(lock)
    build_bundle([package], target, tmp_path / "bundle.zip")
    return zipfile.ZipFile(tmp_path / "bundle.zip")


def test_the_locked_file_is_bundled_with_its_license(shop: Path, tmp_path: Path) -> None:
    names = bundle(tmp_path, f"thing==1.0 --hash=sha256:{wheel(shop, 'x = 1')}\n").namelist()
    assert "thing.py" in names
    assert "thing-1.0.dist-info/licenses/LICENSE" in names
    assert "thing-1.0.dist-info/RECORD" not in names, "it lists files that are left out"


@pytest.mark.parametrize("tag", ["cp314-cp314-manylinux_2_28", "cp39-abi3-manylinux_2_17"])
def test_wheels_are_for_lambdas_platform_not_this_machines(tag: str, shop: Path, tmp_path: Path) -> None:
    locked = wheel(shop, "x = 1", f"thing-1.0-{tag}_aarch64.whl")
    target = BundleTarget.aws("arm64")
    assert "thing.py" in bundle(tmp_path, f"thing==1.0 --hash=sha256:{locked}\n", target).namelist()


def test_a_file_of_the_same_name_and_version_with_another_hash_is_refused(shop: Path, tmp_path: Path) -> None:
    locked = wheel(shop, "x = 1")
    wheel(shop, "import os  # another file")
    with pytest.raises(RuntimeError, match=r"Hash mismatch|DO NOT MATCH THE HASHES"):
        bundle(tmp_path, f"thing==1.0 --hash=sha256:{locked}\n")
    assert not (tmp_path / "bundle.zip").exists()


def test_a_package_without_a_hash_is_refused(shop: Path, tmp_path: Path) -> None:
    wheel(shop, "x = 1")
    with pytest.raises(RuntimeError, match=r"[Hh]ash"):
        bundle(tmp_path, "thing==1.0\n")
    assert not (tmp_path / "bundle.zip").exists()
