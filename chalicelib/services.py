"""The composition root: which adapters run is decided here and nowhere else."""

import functools
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from chalicelib.accounts.dynamodb import DynamoDBUserRepository
from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.secrets import local_secret, parameter_secret
from chalicelib.accounts.sqlite import SQLiteUserRepository
from chalicelib.accounts.tokens import SigningKey, TokenService
from chalicelib.accounts.users import UserRepository
from chalicelib.errors import NotFoundError
from chalicelib.settings import Settings, load_settings
from chalicelib.storage import CollectionStorage, StorageOptions
from chalicelib.storage.connection import set_default_storage
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.dynamodb_log import DynamoDBCommitLog
from chalicelib.storage.ports import BaseStore, CommitLog
from chalicelib.storage.s3 import S3BaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes work with, the clock and the randomness included."""

    settings: Settings
    users: UserRepository
    storage: CollectionStorage
    tokens: TokenService
    passwords: PasswordHasher
    now_ms: Callable[[], int]
    random_bits: Callable[[int], int]


@cache
def default_services() -> Services:
    """The process's services, from its environment; made once.

    Raises ConfigurationError when a setting or the secret cannot be used.
    """
    return build_services(load_settings(os.environ))


# So that scripts can write `LockedS3SQLiteConnection(username)`.
set_default_storage(lambda: default_services().storage)


def build_services(settings: Settings) -> Services:
    """Services over AWS or over this machine's data directory, as the settings say."""
    passwords = PasswordHasher(settings.bcrypt_rounds)
    on_aws = settings.backend == "aws"
    users, base, log, secret = (_aws_adapters if on_aws else _local_adapters)(settings, passwords)
    options = StorageOptions(
        cache_dir=settings.cache_dir,
        cache_bytes=settings.cache_max_bytes,
        retries=settings.conflict_retries,
        generation_of=functools.partial(_generation_of, users),
        now_ms=_now_ms,
    )
    return Services(
        settings=settings,
        users=users,
        storage=CollectionStorage(base, log, options),
        tokens=TokenService([SigningKey("1", secret)], settings.token_lifetime_s),
        passwords=passwords,
        now_ms=_now_ms,
        random_bits=secrets.randbits,
    )


Adapters = tuple[UserRepository, BaseStore, CommitLog, bytes]


def _aws_adapters(settings: Settings, passwords: PasswordHasher) -> Adapters:
    return (
        DynamoDBUserRepository(settings.dynamodb_users_table, passwords),
        S3BaseStore(settings.s3_bucket),
        DynamoDBCommitLog(settings.dynamodb_commits_table),
        settings.secret_key.encode() or parameter_secret(settings.secret_key_parameter),
    )


def _local_adapters(settings: Settings, passwords: PasswordHasher) -> Adapters:
    data = settings.data_dir
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return (
        SQLiteUserRepository(data / "admin.db", passwords),
        DirectoryBaseStore(data),
        SQLiteCommitLog(data / "commits.db"),
        settings.secret_key.encode() or local_secret(data / "secret_key"),
    )


def _generation_of(users: UserRepository, username: str) -> str:
    user = users.get(username)
    if user is None:
        raise NotFoundError("There is no such user.")
    return user.generation


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
