"""Our packages with their locked dependencies in one zip: what a Lambda runs, and the sample producer's instance."""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from uv import find_uv_bin

Architecture = Literal["arm64", "x86_64"]
PYTHON = "3.14"  # a runtime of Lambda, and a package of Amazon Linux 2023

# What a running program never opens: type stubs, C sources, tests, command-line entry points.
_UNUSED_SUFFIXES = {".pyi", ".c", ".cpp", ".cc", ".hpp", ".h", ".pyx", ".pxd", ".pyc"}
_UNUSED_FOLDERS = {"__pycache__", "bin", "tests"}
# Some wheels carry their compiled modules for every Python at once.
_COMPILED_FOR = re.compile(r"\.cpython-(\d+)-")
# A line of a lock that pins a package, e.g. `boto3==1.43.0 \`.
_LOCKED = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)
_LAYOUT_VERSION = "4"  # part of the hash: raise it when this file changes what a bundle holds


@dataclass(frozen=True, kw_only=True)
class BundleTarget:
    """The interpreter and platform that a bundle's wheels must fit."""

    python: str
    architecture: str
    uv_options: tuple[str, ...]

    @classmethod
    def aws(cls, architecture: Architecture) -> BundleTarget:
        """Lambda's managed runtime, or Amazon Linux 2023."""
        machine = {"arm64": "aarch64", "x86_64": "x86_64"}[architecture]
        # The connector's wheels need glibc 2.28. With the older manylinux2014, uv would look for an older connector.
        return cls(
            python=PYTHON,
            architecture=architecture,
            uv_options=("--python-platform", f"{machine}-manylinux_2_28", "--python-version", PYTHON),
        )

    @classmethod
    def this_machine(cls) -> BundleTarget:
        """This interpreter, which is what the laptop's emulator runs Lambdas with."""
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        return cls(python=python, architecture=f"{sys.platform}-{platform.machine()}", uv_options=())


def source_hash(packages: Sequence[Path], target: BundleTarget) -> str:
    """SHA-256 of everything that decides what a bundle holds."""
    digest = hashlib.sha256(f"{_LAYOUT_VERSION}/{target.python}/{target.architecture}".encode())
    for package in packages:
        for path in _sources(package):
            digest.update(f"\0{package.name}/{path.relative_to(package).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def build_bundle(packages: Sequence[Path], target: BundleTarget, archive: Path) -> None:
    """Install the locked wheels beside the packages and zip all, the same bytes each time."""
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
        unfinished = Path(scratch, archive.name)
        _zip(root, target, unfinished)
        unfinished.replace(archive)  # whole or not at all, should two builds run at once


def _sources(package: Path) -> list[Path]:
    found = (
        path
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != ".lock"
    )
    return sorted(found, key=lambda path: path.relative_to(package).as_posix())


def install_wheels(requirements: Sequence[Path], target: BundleTarget, root: Path) -> None:
    """Install the locked wheels that fit `target` into the folder `root`.

    Raises:
        RuntimeError: uv could not, or it installed another version than a lock names; the message says which.
    """
    command = [find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--python", sys.executable]
    command += ["--require-hashes", "--only-binary", ":all:", *target.uv_options, "--target", str(root)]
    command += [option for lock in requirements for option in ("--requirement", str(lock))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own argument list
    if done.returncode:
        locks = ", ".join(map(str, requirements))
        raise RuntimeError(
            f"uv could not install {locks} for {target.architecture}, Python {target.python}:\n"
            + done.stderr.strip()[-2000:]
        )
    _require_locked_versions(requirements, root)


def _require_locked_versions(requirements: Sequence[Path], root: Path) -> None:
    """Compare what was installed with the locks; a lock may leave a package out on some platforms."""
    locked = {
        (match[1].lower().replace("-", "_"), match[2])
        for lock in requirements
        for match in _LOCKED.finditer(lock.read_text(encoding="utf-8"))
    }
    names = {name for name, _ in locked}
    for folder in root.glob("*.dist-info"):
        name, _, version = folder.name.removesuffix(".dist-info").partition("-")
        if name.lower() in names and (name.lower(), version) not in locked:
            raise RuntimeError(f"{folder.name} was installed, but the lock names another version of {name}")


def _zip(root: Path, target: BundleTarget, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as bundle:
        for path in _sources(root):
            inner = path.relative_to(root)
            if _is_unused(inner, target):
                continue
            entry = zipfile.ZipInfo(inner.as_posix(), date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if path.stat().st_mode & 0o100 else 0o644) << 16
            bundle.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)


def _is_unused(path: Path, target: BundleTarget) -> bool:
    """Whether nobody would ever open a file of the bundle."""
    compiled_for = _COMPILED_FOR.search(path.name)
    return (
        path.suffix in _UNUSED_SUFFIXES
        or bool(_UNUSED_FOLDERS.intersection(path.parts[:-1]))
        or (compiled_for is not None and compiled_for[1] != target.python.replace(".", ""))
    )
