"""Where clients of AWS come from.

boto3 and botocore are imported by the first one: they take half a second.
"""

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.errors import ConfigurationError

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.loaders import Loader

# The first one that sends If-Match with PutObject: an older one would write without a condition.
BOTOCORE = (1, 35, 69)


def aws_session() -> "Session":
    """A new session, which knows of the services what earlier ones have read.

    Raises ConfigurationError where botocore, which Lambda brings, is too old.
    """
    from boto3 import Session  # noqa: PLC0415
    from botocore import __version__  # noqa: PLC0415
    from botocore.session import Session as CoreSession  # noqa: PLC0415

    check_botocore(__version__)
    core = CoreSession()
    core.register_component("data_loader", _loader())
    return Session(botocore_session=core)


def check_botocore(version: str) -> None:
    """Raises ConfigurationError for a version that does not know conditional writes."""
    if tuple(int(part) for part in version.split(".")[:3]) < BOTOCORE:
        needed = ".".join(map(str, BOTOCORE))
        raise ConfigurationError(f"botocore is {version}, but JAVUMBO needs {needed} or newer.")


@cache
def _loader() -> "Loader":
    """Reads what AWS's services take and give, each description once: a client needs four."""
    from botocore.loaders import create_loader  # noqa: PLC0415

    return create_loader()
