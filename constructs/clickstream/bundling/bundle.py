"""One zip of our packages and their locked dependencies, run by a Lambda or by the sample producer's instance."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from clickstream.bundling.installer import install_wheels
from clickstream.bundling.symbols import without_symbols
from clickstream.bundling.target import BundleTarget

# Never opened by a running program: type stubs, C sources, tests, command-line entry points.
_UNUSED_SUFFIXES = {".pyi", ".c", ".cpp", ".cc", ".hpp", ".h", ".pyx", ".pxd", ".pyc"}
_UNUSED_FOLDERS = {"__pycache__", "bin", "tests"}
_UNUSED_NAMES = {"RECORD"}  # the installer's list of files, some of which are left out here
# Some wheels contain compiled modules for several Python versions.
_COMPILED_FOR = re.compile(r"\.cpython-(\d+)-")
_LAYOUT_VERSION = "6"  # part of the hash: raise it when this file changes what a bundle holds


def source_hash(
    packages: Sequence[Path], target: BundleTarget, files: Mapping[str, Path] | None = None
) -> str:
    """SHA-256 of everything that determines a bundle's content; `files` are added at its root."""
    digest = hashlib.sha256(f"{_LAYOUT_VERSION}/{target.python}/{target.architecture}".encode())
    for package in packages:
        for path in _sources(package):
            digest.update(f"\0{package.name}/{path.relative_to(package).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    for name, path in sorted((files or {}).items()):
        digest.update(f"\0{name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def build_bundle(
    packages: Sequence[Path], target: BundleTarget, archive: Path, files: Mapping[str, Path] | None = None
) -> None:
    """Install the locked wheels next to the packages and zip everything, reproducibly."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    names = ", ".join(package.name for package in packages)
    print(f"bundling {names} for {target.architecture}, Python {target.python}", file=sys.stderr)
    locks = [package / "requirements.txt" for package in packages]
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
        root = Path(scratch, "root")
        install_wheels([lock for lock in locks if lock.exists()], target, root)
        for package in packages:
            for path in _sources(package):
                destination = root / package.name / path.relative_to(package)
                destination.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, destination)
        for name, path in (files or {}).items():
            shutil.copyfile(path, root / name)
        unfinished = Path(scratch, archive.name)
        _zip(root, target, unfinished)
        unfinished.replace(archive)  # atomic, in case two builds run at once


def _sources(package: Path) -> list[Path]:
    found = (
        path
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != ".lock"
    )
    return sorted(found, key=lambda path: path.relative_to(package).as_posix())


def _zip(root: Path, target: BundleTarget, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as bundle:
        for path in _sources(root):
            inner = path.relative_to(root)
            if _is_unused(inner, target):
                continue
            entry = zipfile.ZipInfo(inner.as_posix(), date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if path.stat().st_mode & 0o100 else 0o644) << 16
            bundle.writestr(entry, without_symbols(path.read_bytes()), zipfile.ZIP_DEFLATED)


def _is_unused(path: Path, target: BundleTarget) -> bool:
    """True for a file that a running bundle never opens."""
    compiled_for = _COMPILED_FOR.search(path.name)
    return (
        path.suffix in _UNUSED_SUFFIXES
        or path.name in _UNUSED_NAMES
        or bool(_UNUSED_FOLDERS.intersection(path.parts[:-1]))
        or (compiled_for is not None and compiled_for[1] != target.python.replace(".", ""))
    )
