"""The login of this person on this machine, kept for the next command."""

import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from javumbo.client.answers import Login, typed
from javumbo.client.errors import NotLoggedInError, UnreachableError
from javumbo.client.files import file_problems, replacing

_NAME = "login.json"
_ONLY_MINE = 0o600


def config_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where settings of this person are kept: $JAVUMBO_CONFIG_DIR, else as the system has it.

    Source: XDG Base Directory Specification; Apple's and Microsoft's guides.
    """
    if own := environ.get("JAVUMBO_CONFIG_DIR"):
        return Path(own)
    if xdg := environ.get("XDG_CONFIG_HOME"):
        return Path(xdg, "javumbo")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "javumbo"
    if appdata := environ.get("APPDATA"):
        return Path(appdata, "javumbo")
    return Path.home() / ".config" / "javumbo"


def save_login(login: Login, folder: Path) -> Path:
    """Keep a login in a file that nobody else can read. Raises FileProblemError."""
    path = folder / _NAME
    with file_problems(path, "written"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with replacing(path, mode=_ONLY_MINE) as file:
        file.write(json.dumps(asdict(login), indent=1).encode())
    return path


def load_login(folder: Path) -> Login:
    """The login that was kept. Raises NotLoggedInError, FileProblemError."""
    path = folder / _NAME
    if not path.exists():
        raise NotLoggedInError("You are not logged in: javumbo login.")
    with file_problems(path, "read"):
        content = path.read_bytes()
    try:
        login = typed(json.loads(content), Login)
    except (ValueError, UnreachableError):
        raise NotLoggedInError(f"{path} holds no login: javumbo login.") from None
    if login.expires_at <= time.time() * 1000:
        raise NotLoggedInError("Your login has expired: javumbo login.")
    return login


def forget_login(folder: Path) -> None:
    """Remove the login that was kept, if one was. Raises FileProblemError."""
    path = folder / _NAME
    with file_problems(path, "removed"):
        path.unlink(missing_ok=True)
