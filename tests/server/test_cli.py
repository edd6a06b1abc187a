import subprocess
import sys

import pytest

from chalicelib import __version__
from javumbo.cli import main
from tests.server.support import ROOT


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])

    assert end.value.code == 0
    assert capsys.readouterr().out == f"javumbo {__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])

    assert end.value.code == 0
    assert "serve" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [[], ["study"], ["serve", "--port", "65536"], ["serve", "--port", "http"]]
)
def test_what_is_asked_wrongly_ends_with_2_and_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)

    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: javumbo")


def test_a_port_of_the_environment_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "http")

    with pytest.raises(SystemExit) as end:
        main(["serve"])

    assert end.value.code == 2
    assert "a port is a number from 0 to 65535" in capsys.readouterr().err


def test_asking_for_help_imports_no_command() -> None:
    script = (
        "import sys; from javumbo.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'javumbo.serve', 'waitress', 'chalice', 'app'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True)
