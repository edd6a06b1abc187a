"""The limits of trying to log in and to register, as the settings say."""

from dataclasses import dataclass
from typing import Self

from chalicelib.accounts.throttle import Limit
from chalicelib.settings import Settings

_HOUR_MS = 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """Wrong passwords for one name and from one address; registrations and checks from one."""

    name: Limit
    address: Limit
    registrations: Limit
    password_checks: Limit

    @classmethod
    def of(cls, settings: Settings) -> Self:
        window_ms = settings.login_window_s * 1000
        longest_wait_ms = settings.login_max_wait_s * 1000
        return cls(
            name=Limit("name", settings.login_free_tries, window_ms, longest_wait_ms),
            address=Limit("address", settings.address_max_failures, window_ms),
            registrations=Limit("register", settings.address_max_registrations, _HOUR_MS),
            password_checks=Limit("strength", settings.address_max_password_checks, window_ms),
        )
