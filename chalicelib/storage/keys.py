"""Where a user's collection lies in the base store."""

import re

from chalicelib.errors import BadInputError

_USERNAME = re.compile(r"[a-z0-9._-]{3,32}")


def base_key(username: str) -> str:
    """The key of the user's collection file, `user_dbs/<username>.anki2`.

    Raises BadInputError for anything but a normalised username, so that no name can ever reach
    another key or leave a directory.
    """
    if not _USERNAME.fullmatch(username):
        raise BadInputError(fields={"username": "is not a username"})
    return f"user_dbs/{username}.anki2"
