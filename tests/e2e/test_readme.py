"""The README is true: its six lines of curl do the job, as a newcomer would type them."""

import re
import shutil
import subprocess
from pathlib import Path

from tests.support.anki import assert_clean
from tests.support.server import ROOT, serving


def test_the_six_lines_of_the_readme_do_the_job(tmp_path: Path) -> None:
    assert shutil.which("curl"), "this test types the README's commands: apt-get install curl"
    (lines,) = re.findall(r"```sh\n(curl .*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(lines.splitlines()) == 6
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    with serving(tmp_path / "data") as base_url:
        script = lines.replace("localhost:8000", base_url.removeprefix("http://"))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.count('"success":true') == 4
    (export,) = tmp_path.glob("ana-*.anki2")
    report = assert_clean(export)
    assert report["counts"]["revlog"] == 2838 + 1
