"""The rules of the house that no linter knows."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHIPPED = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]
LOCAL = sorted((ROOT / "javumbo").rglob("*.py"))


def pinned(lines: list[str]) -> set[str]:
    return {line.strip() for line in lines if "==" in line and not line.startswith("#")}


def test_the_lambda_zip_holds_what_pyproject_says_but_neither_chalice_nor_boto3() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    shipped = pinned((ROOT / "requirements.txt").read_text().splitlines())
    assert shipped < pinned(project["dependencies"])
    names = {line.split("==")[0].lower() for line in shipped}
    assert names == {"backports.zstd", "bcrypt", "msgspec", "pyjwt", "zxcvbn"}


def test_importing_the_app_loads_nothing_dear(tmp_path: Path) -> None:
    dear = ("boto3", "botocore", "jwt", "backports.zstd", "zxcvbn", "chalicelib.api.openapi")
    code = f"import app, sys; print([m for m in {dear} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"JAVUMBO_DATA": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
    assert not (tmp_path / "data").exists()


def test_modules_and_functions_stay_small() -> None:
    lengths = []
    for path in SHIPPED + LOCAL:
        source = path.read_text()
        assert len(source.splitlines()) < 350, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 60, f"{path}: {node.name}"
                lengths.append(length)
    lengths.sort()
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 30


def test_app_py_stays_an_overview() -> None:
    assert len((ROOT / "app.py").read_text().splitlines()) < 90
