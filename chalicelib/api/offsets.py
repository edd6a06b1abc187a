"""Where a person is, as the offset of their clock from UTC."""

from typing import Annotated

import msgspec

from chalicelib.accounts.users import User
from chalicelib.collection.day import set_local_offset
from chalicelib.services import Services
from chalicelib.storage import Owner

_MOST_MINUTES = 14 * 60

# Minutes east of UTC, as in "UTC-03:00" = -180; Anki counts them west.
UtcOffset = Annotated[int, msgspec.Meta(ge=-_MOST_MINUTES, le=_MOST_MINUTES)]


def follow_offset(services: Services, user: User, utc_offset_minutes: int, now_ms: int) -> None:
    """Let the day turn by the clock of where the person is now."""
    services.storage.transact(
        Owner(user.username, user.generation),
        lambda conn: set_local_offset(conn, -utc_offset_minutes, now_ms),
    )
