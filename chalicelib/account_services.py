"""The composition root's part about accounts: all that the authorizer needs, and no more.

The authorizer is a function of its own on AWS, which begins cold beside the one that it guards:
what only one backend needs is imported with it.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.throttle import Throttle
from chalicelib.accounts.tokens import SigningKey, TokenService
from chalicelib.accounts.users import UserRepository
from chalicelib.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class AccountServices:
    """Who somebody is, and the clock. `secrets` sign, the first one what is new."""

    settings: Settings
    users: UserRepository
    throttle: Throttle
    tokens: TokenService
    passwords: PasswordHasher
    now_ms: Callable[[], int]
    secrets: list[bytes] = field(repr=False)


@cache
def default_account_services() -> AccountServices:
    """The process's, from its environment; made once.

    Raises ConfigurationError when a setting or the secret cannot be used.
    """
    return build_account_services(load_settings(os.environ))


def build_account_services(settings: Settings) -> AccountServices:
    """Over AWS or over this machine's data directory, as the settings say."""
    passwords = PasswordHasher(settings.bcrypt_rounds)
    build = _on_aws if settings.backend == "aws" else _on_this_machine
    users, throttle, secrets = build(settings, passwords)
    return AccountServices(
        settings=settings,
        users=users,
        throttle=throttle,
        tokens=TokenService([SigningKey.of(one) for one in secrets], settings.token_lifetime_s),
        passwords=passwords,
        now_ms=_now_ms,
        secrets=secrets,
    )


_Adapters = tuple[UserRepository, Throttle, list[bytes]]


def _on_aws(settings: Settings, passwords: PasswordHasher) -> _Adapters:
    from chalicelib.accounts.dynamodb import DynamoDBUserRepository  # noqa: PLC0415
    from chalicelib.accounts.dynamodb_throttle import DynamoDBThrottle  # noqa: PLC0415
    from chalicelib.accounts.secrets import parameter_secrets  # noqa: PLC0415

    table = settings.dynamodb_users_table
    users = DynamoDBUserRepository(table, passwords)
    secrets = _signing(settings, lambda: parameter_secrets(settings.secret_key_parameter))
    return users, DynamoDBThrottle(table, lambda: users.client), secrets


def _on_this_machine(settings: Settings, passwords: PasswordHasher) -> _Adapters:
    from chalicelib.accounts.secrets import local_secrets  # noqa: PLC0415
    from chalicelib.accounts.sqlite import SQLiteUserRepository  # noqa: PLC0415
    from chalicelib.accounts.sqlite_throttle import SQLiteThrottle  # noqa: PLC0415

    data = settings.data_dir
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    secrets = _signing(settings, lambda: local_secrets(data / "secret_key"))
    return (
        SQLiteUserRepository(data / "admin.db", passwords),
        SQLiteThrottle(data / "tries.db"),
        secrets,
    )


def _signing(settings: Settings, kept: Callable[[], list[bytes]]) -> list[bytes]:
    """The secrets of tokens, the one that signs first; `kept` when the settings hold none."""
    current = [settings.secret_key.encode()] if settings.secret_key else kept()
    previous = settings.secret_key_previous.encode()
    return [*current, previous] if previous else current


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
