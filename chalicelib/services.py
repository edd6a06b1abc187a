"""The composition root: which adapters run is decided here and nowhere else."""

import functools
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from chalicelib.accounts.dynamodb import DynamoDBUserRepository
from chalicelib.accounts.dynamodb_throttle import DynamoDBThrottle
from chalicelib.accounts.limits import AccountLimits
from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.secrets import local_secrets, parameter_secrets
from chalicelib.accounts.sqlite import SQLiteUserRepository
from chalicelib.accounts.sqlite_throttle import SQLiteThrottle
from chalicelib.accounts.throttle import Throttle
from chalicelib.accounts.tokens import SigningKey, TokenService
from chalicelib.accounts.users import UserRepository
from chalicelib.backups import Backups, BackupSweeper
from chalicelib.errors import NotFoundError
from chalicelib.importer import Importer
from chalicelib.importing import FileImporter
from chalicelib.media import MediaLibrary, MediaLimits, MediaOptions
from chalicelib.media.links import MediaLinks
from chalicelib.media.presigning import MediaAddresses, S3Addresses
from chalicelib.settings import Settings, load_settings
from chalicelib.storage import CollectionStorage, Owner, StorageOptions
from chalicelib.storage.connection import set_default_storage
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.dynamodb_log import DynamoDBCommitLog
from chalicelib.storage.ports import BaseStore, CommitLog
from chalicelib.storage.s3 import S3BaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from chalicelib.transfers import (
    Addresses,
    Imports,
    JobStore,
    LocalDoor,
    LocalTransferAddresses,
    S3TransferAddresses,
    Transfers,
)


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes work with, the clock and the randomness included.

    `media_addresses` is where browsers are led for media, None where the service gives them itself.
    `door` takes and gives large files where this service does that itself, None on AWS.
    """

    settings: Settings
    users: UserRepository
    throttle: Throttle
    limits: AccountLimits
    storage: CollectionStorage
    backups: Backups
    backup_sweeper: BackupSweeper
    transfers: Transfers
    door: LocalDoor | None
    imports: Imports
    importer: Importer
    media: Callable[[Owner], MediaLibrary]
    media_links: MediaLinks
    media_addresses: MediaAddresses | None
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
    adapters = (_aws_adapters if on_aws else _local_adapters)(settings, passwords)
    users, throttle, base, log, signing = adapters
    secret = signing[0]
    options = StorageOptions(
        cache_dir=settings.cache_dir,
        cache_bytes=settings.cache_max_bytes,
        retries=settings.conflict_retries,
        generation_of=functools.partial(_generation_of, users),
        now_ms=_now_ms,
    )
    storage = CollectionStorage(base, log, options)
    media_blobs, media_addresses = _media_store(settings)
    backups = Backups(
        storage, base, most=settings.max_backups, now_ms=_now_ms, work_dir=settings.cache_dir
    )
    transfers, door = _transfers(settings, base, secret)
    media = functools.partial(_media_library, storage=storage, base=media_blobs, settings=settings)
    importer = Importer(storage, backups, media, settings, _now_ms, secrets.randbits)
    return Services(
        settings=settings,
        users=users,
        throttle=throttle,
        limits=AccountLimits.of(settings),
        storage=storage,
        backups=backups,
        backup_sweeper=BackupSweeper(backups, base, log, most=settings.max_backups, now_ms=_now_ms),
        transfers=transfers,
        door=door,
        imports=Imports(
            JobStore(base, now_ms=_now_ms, random_bits=secrets.randbits),
            transfers,
            FileImporter(importer),
            now_ms=_now_ms,
            work_dir=settings.cache_dir,
        ),
        importer=importer,
        media=media,
        media_links=MediaLinks(secret),
        media_addresses=media_addresses,
        tokens=TokenService([SigningKey.of(one) for one in signing], settings.token_lifetime_s),
        passwords=passwords,
        now_ms=_now_ms,
        random_bits=secrets.randbits,
    )


Adapters = tuple[UserRepository, Throttle, BaseStore, CommitLog, list[bytes]]


def _aws_adapters(settings: Settings, passwords: PasswordHasher) -> Adapters:
    users = DynamoDBUserRepository(settings.dynamodb_users_table, passwords)
    return (
        users,
        DynamoDBThrottle(settings.dynamodb_users_table, lambda: users.client),
        S3BaseStore(settings.s3_bucket),
        DynamoDBCommitLog(settings.dynamodb_commits_table),
        _signing(settings, lambda: parameter_secrets(settings.secret_key_parameter)),
    )


def _local_adapters(settings: Settings, passwords: PasswordHasher) -> Adapters:
    data = settings.data_dir
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return (
        SQLiteUserRepository(data / "admin.db", passwords),
        SQLiteThrottle(data / "tries.db"),
        DirectoryBaseStore(data),
        SQLiteCommitLog(data / "commits.db"),
        _signing(settings, lambda: local_secrets(data / "secret_key")),
    )


def _signing(settings: Settings, kept: Callable[[], list[bytes]]) -> list[bytes]:
    """The secrets of tokens, the one that signs first; `kept` when the settings hold none."""
    current = [settings.secret_key.encode()] if settings.secret_key else kept()
    previous = settings.secret_key_previous.encode()
    return [*current, previous] if previous else current


def _media_store(settings: Settings) -> tuple[BaseStore, MediaAddresses | None]:
    if settings.backend == "local":
        return DirectoryBaseStore(settings.data_dir / "media"), None
    return S3BaseStore(settings.media_bucket), S3Addresses(settings.media_bucket)


def _media_library(
    owner: Owner, *, storage: CollectionStorage, base: BaseStore, settings: Settings
) -> MediaLibrary:
    limits = MediaLimits(settings.max_media_file_bytes, settings.media_quota_bytes)
    options = MediaOptions(limits, _now_ms, secrets.randbits, settings.cache_dir)
    return MediaLibrary(storage, base, owner, options)


def _transfers(
    settings: Settings, base: BaseStore, secret: bytes
) -> tuple[Transfers, LocalDoor | None]:
    addresses: Addresses
    if settings.backend == "local":
        addresses = LocalTransferAddresses(secret)
        door = LocalDoor(base, addresses, now_ms=_now_ms, work_dir=settings.cache_dir)
    else:
        base, door = S3BaseStore(settings.media_bucket), None
        addresses = S3TransferAddresses(settings.media_bucket, _now_ms)
    transfers = Transfers(
        base,
        addresses,
        max_bytes=settings.max_upload_bytes,
        now_ms=_now_ms,
        random_bits=secrets.randbits,
    )
    return transfers, door


def _generation_of(users: UserRepository, username: str) -> str:
    user = users.get(username)
    if user is None:
        raise NotFoundError("There is no such user.")
    return user.generation


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
