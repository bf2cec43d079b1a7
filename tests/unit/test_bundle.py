"""Lambda bundles: complete, reproducible, built only after a change."""

from __future__ import annotations

import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import aws_cdk as cdk
import pytest
from cryptography.hazmat.bindings import _rust

from clickstream.bundling import code, installer
from clickstream.bundling.bundle import build_bundle, source_hash
from clickstream.bundling.code import FunctionCode
from clickstream.bundling.symbols import without_symbols
from clickstream.bundling.target import BundleTarget

TARGET = BundleTarget.this_machine()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "setup"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__pycache__" / "old.pyc").write_bytes(b"stale")
    (folder / "__init__.py").write_text("")
    (folder / "handler.py").write_text("def on_event(event, context):\n    return event\n")
    (folder / "requirements.txt").write_text("")
    return folder


def test_bundle_holds_the_package_and_runs_from_the_zip(package: Path, tmp_path: Path) -> None:
    archive = tmp_path / "cache" / "bundle.zip"
    build_bundle([package], TARGET, archive)
    names = zipfile.ZipFile(archive).namelist()
    assert "setup/handler.py" in names
    assert not [name for name in names if name.endswith(".pyc")]
    code = "from setup.handler import on_event; print(on_event(7, None))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(archive)}, capture_output=True, check=True
    )
    assert done.stdout == b"7\n"


def test_packages_of_one_bundle_import_each_other_and_share_the_wheels(package: Path, tmp_path: Path) -> None:
    second = tmp_path / "monitor"
    second.mkdir()
    (second / "__init__.py").write_text("")
    (second / "schedule.py").write_text("from setup.handler import on_event\n\nprint(on_event(8, None))\n")
    archive = tmp_path / "bundle.zip"
    build_bundle([package, second], TARGET, archive)
    done = subprocess.run(
        [sys.executable, "-c", "import monitor.schedule"],
        env={"PYTHONPATH": str(archive)},
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"8\n"


def test_hash_depends_on_every_package(package: Path, tmp_path: Path) -> None:
    second = tmp_path / "monitor"
    second.mkdir()
    (second / "__init__.py").write_text("")
    before = source_hash([package, second], TARGET)
    assert before != source_hash([package], TARGET)
    (second / "__init__.py").write_text('"""Changed."""\n')
    assert before != source_hash([package, second], TARGET)


def test_without_a_lock_there_is_no_bundle(package: Path, tmp_path: Path) -> None:
    (package / "requirements.txt").unlink()
    with pytest.raises(RuntimeError, match="uv could not install"):
        build_bundle([package], TARGET, tmp_path / "bundle.zip")


def test_same_sources_make_the_same_bytes(package: Path, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        build_bundle([package], TARGET, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_hash_depends_only_on_sources_requirements_and_target(package: Path) -> None:
    before = source_hash([package], TARGET)
    (package / "__pycache__" / "new.pyc").write_bytes(b"newer")
    assert source_hash([package], TARGET) == before
    assert source_hash([package], BundleTarget.aws("arm64")) != before
    (package / "requirements.txt").write_text("# another lock\n")
    assert source_hash([package], TARGET) != before


def test_a_failed_installation_leaves_no_bundle(package: Path, tmp_path: Path) -> None:
    (package / "requirements.txt").write_text("nothing==1.0\n")  # no hash: refused before any download
    archive = tmp_path / "bundle.zip"
    with pytest.raises(RuntimeError, match="uv could not install"):
        build_bundle([package], TARGET, archive)
    assert not archive.exists()


def test_wheels_for_aws_fit_the_libc_that_the_connector_needs() -> None:
    assert "--python-platform=aarch64-manylinux_2_28" in BundleTarget.aws("arm64").uv_options


def test_a_version_other_than_the_locked_one_is_refused(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def install(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        root = Path(command[command.index("--target") + 1])
        (root / "snowflake_connector_python-4.8.1.dist-info").mkdir(parents=True)
        return subprocess.CompletedProcess(command, 0)

    (package / "requirements.txt").write_text("snowflake-connector-python==5.2.0 \\\n    --hash=sha256:0\n")
    monkeypatch.setattr(subprocess, "run", install)
    with pytest.raises(
        RuntimeError, match=r"python-4\.8\.1\.dist-info was installed, but the lock names another"
    ):
        build_bundle([package], TARGET, tmp_path / "bundle.zip")


def test_without_an_installer_the_message_says_what_to_install(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installer, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"neither uv nor pip was found .* install one of them"):
        build_bundle([package], TARGET, tmp_path / "bundle.zip")


def test_an_installed_package_caches_bundles_next_to_the_templates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(packages: object, target: object, archive: Path, files: object) -> None:
        archive.parent.mkdir(parents=True)
        archive.write_bytes(b"a bundle")

    monkeypatch.setattr(code, "_INSTALLED", True)
    monkeypatch.setattr(code, "build_bundle", build)
    FunctionCode.bundled(cdk.Stack(cdk.App(outdir=str(tmp_path))))
    (bundle,) = tmp_path.rglob("bundles/lambda/*.zip")
    assert bundle.read_bytes() == b"a bundle"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other formats of compiled modules")
def test_a_compiled_module_without_its_symbols_is_smaller_in_a_zip_and_still_loads(tmp_path: Path) -> None:
    data = Path(_rust.__file__).read_bytes()
    module = tmp_path / "_rust.abi3.so"
    module.write_bytes(without_symbols(data))
    assert module.stat().st_size == len(data)
    assert len(zlib.compress(module.read_bytes(), 1)) < 0.95 * len(zlib.compress(data, 1))
    program = (
        "from importlib.util import module_from_spec, spec_from_file_location as at; "
        f"spec = at('_rust', {str(module)!r}); found = module_from_spec(spec); "
        "spec.loader.exec_module(found); found.openssl"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_other_files_keep_their_bytes() -> None:
    assert without_symbols(b"print(1)\n") == b"print(1)\n"
