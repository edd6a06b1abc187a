"""The build of the web client that goes to AWS."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from chalicelib.errors import ConfigurationError

_ROOT = Path(__file__).resolve().parent.parent.parent
_PAGE = "client/dist/index.html"
# On one domain with the API. As arguments of make they win over the environment and .env.
_SETTINGS = ("VITE_API_BASE_URL=", "VITE_APP_BASE_PATH=/")


def build_client(root: Path = _ROOT) -> Path:
    """Build the client by `make`, which brings Node when the machine has none; its folder.

    Always anew: an earlier build may be for another API. Raises ConfigurationError when this is
    no checkout, or the build fails.
    """
    if not (root / "client" / "package.json").is_file():
        raise ConfigurationError("The web client is built from a checkout, and this is none.")
    if shutil.which("make") is None:
        raise ConfigurationError("Building the web client needs make.")
    _make(root, ["--silent", "-W", "client/index.html", *_SETTINGS, _PAGE])
    return (root / _PAGE).parent


def _make(root: Path, arguments: Sequence[str]) -> None:
    try:
        # The program and its arguments are fixed above.
        subprocess.run(["make", *arguments], cwd=root, check=True)  # noqa: S603, S607
    except subprocess.CalledProcessError as error:
        raise ConfigurationError(
            f"The web client could not be built (make ended with {error.returncode})."
        ) from None
