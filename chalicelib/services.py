"""The composition root: which adapters run is decided here and nowhere else."""

import functools
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.account_services import (
    AccountServices,
    build_account_services,
    default_account_services,
)
from chalicelib.accounts.limits import AccountLimits
from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.throttle import Throttle
from chalicelib.accounts.tokens import TokenService
from chalicelib.accounts.users import UserRepository
from chalicelib.backups import Backups, BackupSweeper
from chalicelib.errors import NotFoundError
from chalicelib.media import MediaLibrary, MediaLimits, MediaOptions
from chalicelib.media.links import MediaLinks
from chalicelib.media.presigning import MediaAddresses, S3Addresses
from chalicelib.settings import Settings
from chalicelib.storage import CollectionStorage, Owner, StorageOptions
from chalicelib.storage.connection import set_default_storage
from chalicelib.storage.counted import CountedBaseStore, CountedCommitLog
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.dynamodb_log import DynamoDBCommitLog
from chalicelib.storage.ports import BaseStore, CommitLog
from chalicelib.storage.s3 import S3BaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from chalicelib.transfers import (
    Addresses,
    Imports,
    Job,
    JobStore,
    LocalDoor,
    LocalTransferAddresses,
    ReportProgress,
    S3TransferAddresses,
    Transfers,
)

if TYPE_CHECKING:
    from chalicelib.importer import Importer


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
    make_importer: "Callable[[], Importer]"
    media: Callable[[Owner], MediaLibrary]
    media_links: MediaLinks
    media_addresses: MediaAddresses | None
    tokens: TokenService
    passwords: PasswordHasher
    now_ms: Callable[[], int]
    random_bits: Callable[[int], int]

    @property
    def importer(self) -> "Importer":
        """Imports files."""
        return self.make_importer()


@cache
def default_services() -> Services:
    """The process's services, from its environment; made once.

    Raises ConfigurationError when a setting or the secret cannot be used.
    """
    accounts = default_account_services()
    return build_services(accounts.settings, accounts)


# So that scripts can write `LockedS3SQLiteConnection(username)`.
set_default_storage(lambda: default_services().storage)


def build_services(settings: Settings, accounts: AccountServices | None = None) -> Services:
    """Services over AWS or over this machine's data directory, as the settings say."""
    accounts = accounts or build_account_services(settings)
    now_ms, work_dir = accounts.now_ms, settings.cache_dir
    base, log = _stores(settings)
    options = StorageOptions(
        cache_dir=settings.cache_dir,
        cache_bytes=settings.cache_max_bytes,
        retries=settings.conflict_retries,
        generation_of=functools.partial(_generation_of, accounts.users),
        now_ms=now_ms,
    )
    storage = CollectionStorage(base, log, options)
    media_blobs, media_addresses = _media_store(settings)
    backups = Backups(storage, base, most=settings.max_backups, now_ms=now_ms, work_dir=work_dir)
    transfers, door = _transfers(settings, base, accounts)
    media = functools.partial(
        _media_library, storage=storage, base=media_blobs, settings=settings, now_ms=now_ms
    )
    make_importer = functools.partial(_importer, storage, backups, media, settings, now_ms)
    return Services(
        settings=settings,
        users=accounts.users,
        throttle=accounts.throttle,
        limits=AccountLimits.of(settings),
        storage=storage,
        backups=backups,
        backup_sweeper=BackupSweeper(backups, base, log, most=settings.max_backups, now_ms=now_ms),
        transfers=transfers,
        door=door,
        imports=Imports(
            JobStore(base, now_ms=now_ms, random_bits=secrets.randbits),
            transfers,
            functools.partial(_import_file, make_importer),
            now_ms=now_ms,
            work_dir=work_dir,
        ),
        make_importer=make_importer,
        media=media,
        media_links=MediaLinks(accounts.secrets[0]),
        media_addresses=media_addresses,
        tokens=accounts.tokens,
        passwords=accounts.passwords,
        now_ms=now_ms,
        random_bits=secrets.randbits,
    )


def _importer(
    storage: CollectionStorage,
    backups: Backups,
    media: Callable[[Owner], MediaLibrary],
    settings: Settings,
    now_ms: Callable[[], int],
) -> "Importer":
    # Half of all modules are of use to nothing else.
    from chalicelib.importer import Importer  # noqa: PLC0415

    return Importer(storage, backups, media, settings, now_ms, secrets.randbits)


def _import_file(
    make_importer: "Callable[[], Importer]",
    owner: Owner,
    path: Path,
    job: Job,
    progress: ReportProgress,
) -> dict[str, Any]:
    from chalicelib.importing import FileImporter  # noqa: PLC0415

    return FileImporter(make_importer())(owner, path, job, progress)


def _stores(settings: Settings) -> tuple[BaseStore, CommitLog]:
    base: BaseStore
    log: CommitLog
    if settings.backend == "local":
        data = settings.data_dir
        base, log = DirectoryBaseStore(data), SQLiteCommitLog(data / "commits.db")
    else:
        base = S3BaseStore(settings.s3_bucket)
        log = DynamoDBCommitLog(settings.dynamodb_commits_table)
    return CountedBaseStore(base), CountedCommitLog(log)


def _media_store(settings: Settings) -> tuple[BaseStore, MediaAddresses | None]:
    if settings.backend == "local":
        return CountedBaseStore(DirectoryBaseStore(settings.data_dir / "media")), None
    store = CountedBaseStore(S3BaseStore(settings.media_bucket))
    return store, S3Addresses(settings.media_bucket)


def _media_library(
    owner: Owner,
    *,
    storage: CollectionStorage,
    base: BaseStore,
    settings: Settings,
    now_ms: Callable[[], int],
) -> MediaLibrary:
    limits = MediaLimits(settings.max_media_file_bytes, settings.media_quota_bytes)
    options = MediaOptions(limits, now_ms, secrets.randbits, settings.cache_dir)
    return MediaLibrary(storage, base, owner, options)


def _transfers(
    settings: Settings, base: BaseStore, accounts: AccountServices
) -> tuple[Transfers, LocalDoor | None]:
    now_ms = accounts.now_ms
    addresses: Addresses
    if settings.backend == "local":
        addresses = LocalTransferAddresses(accounts.secrets[0])
        door = LocalDoor(base, addresses, now_ms=now_ms, work_dir=settings.cache_dir)
    else:
        base, door = CountedBaseStore(S3BaseStore(settings.media_bucket)), None
        addresses = S3TransferAddresses(settings.media_bucket, now_ms)
    transfers = Transfers(
        base,
        addresses,
        max_bytes=settings.max_upload_bytes,
        now_ms=now_ms,
        random_bits=secrets.randbits,
    )
    return transfers, door


def _generation_of(users: UserRepository, username: str) -> str:
    user = users.get(username)
    if user is None:
        raise NotFoundError("There is no such user.")
    return user.generation
