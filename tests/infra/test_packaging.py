import json
import stat
import subprocess
import sys
import zipfile
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path

import pytest

from chalicelib.errors import ConfigurationError
from javumbo.deploy.errors import DeploymentError
from javumbo.deploy.packaging import Package, Packing, check_python, package
from tests.infra.packed import packed_without_wheels


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Package:
    with pytest.MonkeyPatch.context() as patch:
        # A server's settings on this machine are not the functions'.
        patch.setenv("AUTHORIZER_TTL_S", "7")
        patch.setenv("CORS_ORIGIN", "http://localhost:1")
        return packed_without_wheels(tmp_path_factory.mktemp("packed"))


def interpreter(folder: Path, version: str, *, has_chalice: bool = True) -> str:
    """A program that answers as a Python of that version would."""
    path = folder / "python"
    fails = "" if has_chalice else "exit 1"
    path.write_text(f'#!/bin/sh\ncase "$2" in *chalice*) {fails} ;; *) echo "{version}" ;; esac\n')
    path.chmod(stat.S_IRWXU)
    return str(path)


@pytest.mark.parametrize("version", ["3 12", "3 13", "3 14"])
def test_these_pythons_can_be_deployed(tmp_path: Path, version: str) -> None:
    check_python(interpreter(tmp_path, version))


@pytest.mark.parametrize("version", ["3 9", "3 11", "3 15", "4 0"])
def test_other_pythons_are_refused_with_a_sentence(tmp_path: Path, version: str) -> None:
    with pytest.raises(ConfigurationError, match=r"deployed with Python 3\.12 to 3\.14.*--python"):
        check_python(interpreter(tmp_path, version))


def test_a_python_that_cannot_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="has no Chalice"):
        check_python(interpreter(tmp_path, "3 13", has_chalice=False))
    with pytest.raises(ConfigurationError, match="There is no Python at"):
        check_python(str(tmp_path / "nowhere"))


def test_the_zip_holds_the_app_and_nothing_of_the_command_line(packed: Package) -> None:
    with zipfile.ZipFile(packed.code) as archive:
        names = set(archive.namelist())
    assert {"app.py", "chalicelib/services.py", "chalice/app.py"} <= names
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"app.py", "__pycache__", "chalicelib", "chalice"}
    assert not any(name.startswith("chalice/cli") for name in names)


def test_each_module_is_compiled_and_used_without_a_look_at_its_source(
    packed: Package, tmp_path: Path
) -> None:
    with zipfile.ZipFile(packed.code) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    assert len(names) == len(set(names))
    modules = [name for name in names if name.endswith(".py")]
    compiled = [name for name in modules if cache_from_source(name) in names]
    assert compiled == modules
    # Flags 1: by a hash that is not checked. Source: PEP 552.
    header = (tmp_path / cache_from_source("app.py")).read_bytes()[:8]
    assert header == MAGIC_NUMBER + b"\1\0\0\0"
    (tmp_path / "chalicelib" / "errors.py").write_text("1 / 0")
    program = "import chalicelib.errors; print(chalicelib.errors.JavumboError.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "JavumboError"


def test_the_same_code_is_the_same_artefact(packed: Package, tmp_path: Path) -> None:
    again = packed_without_wheels(tmp_path)
    assert again.code_digest == packed.code_digest


def test_a_servers_own_settings_do_not_get_into_the_functions(packed: Package) -> None:
    text = json.dumps(packed.template)
    assert '"authorizerResultTtlInSeconds": 60' in text
    assert "http://localhost:1'" not in text
    assert "https://cards.example.org" in text


def test_a_stage_that_is_not_configured_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no stage other, only: dev, staging, prod"):
        packed_without_wheels(tmp_path, "other")


def test_what_chalice_says_is_passed_on(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / ".chalice").mkdir(parents=True)
    (root / "chalicelib").mkdir()
    (root / "infra").mkdir()
    (root / ".chalice" / "config.json").write_text(
        json.dumps({"version": "2.0", "app_name": "x", "stages": {"dev": {}}})
    )
    (root / "app.py").write_text("raise RuntimeError('this app is broken')")
    for name in ("requirements.txt", ".env.example", "infra/app.yaml"):
        (root / name).write_text("")
    with pytest.raises(DeploymentError, match="this app is broken"):
        package(Packing("dev", "us-east-1", python=sys.executable), tmp_path / "work", root)
