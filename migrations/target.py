"""Where people are taken to: the users and collections of one stage."""

import functools
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from chalicelib.accounts.dynamodb import DynamoDBUserRepository
from chalicelib.accounts.dynamodb_items import values_of
from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.sqlite import SQLiteUserRepository
from chalicelib.accounts.users import UserRepository
from chalicelib.errors import NotFoundError, StorageUnavailableError
from chalicelib.settings import Settings
from chalicelib.storage import CollectionStorage, Owner, StorageOptions
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.dynamodb_log import DynamoDBCommitLog
from chalicelib.storage.image import settle, stamp
from chalicelib.storage.ports import BaseStore, CommitLog
from chalicelib.storage.s3 import S3BaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from chalicelib.storage.versions import BaseVersion, store_base
from migrations.receipts import Receipts

Pause = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Target:
    """One stage. `usernames` lists everybody who has an account."""

    settings: Settings
    users: UserRepository
    base: BaseStore
    log: CommitLog
    storage: CollectionStorage
    usernames: Callable[[], list[str]]
    pause: Pause

    @property
    def receipts(self) -> Receipts:
        return Receipts(self.base)

    def engine(self, log: CommitLog | None = None) -> CollectionStorage:
        """Another engine over the same places, or over another door to the log."""
        options = StorageOptions(
            cache_dir=self.settings.cache_dir,
            generation_of=functools.partial(_generation_of, self.users),
        )
        return CollectionStorage(self.base, log or self.log, options)

    def version_of(self, owner: Owner) -> BaseVersion | None:
        """Of the base file that lies in the owner's place, None for none.

        Raises StorageUnavailableError for one that no engine put there.
        """
        head = self.base.head(owner.base_key)
        version = BaseVersion.of(head)
        if head and version is None:
            raise StorageUnavailableError("A file of somebody else lies in the place.")
        return version

    def put_collection(self, owner: Owner, image: Path) -> None:
        """Store the complete database file, which is changed, as the owner's first state.

        Raises PreconditionFailedError when there is one.
        """
        settle(image)
        stamp(image, owner.offset)
        store_base(self.base, owner, image, 0, None, self.pause)


def open_target(settings: Settings, pause: Pause) -> Target:
    """The stage that the settings name; on this machine its folder is made."""
    hasher = PasswordHasher(settings.bcrypt_rounds)
    users: UserRepository
    base: BaseStore
    log: CommitLog
    if settings.backend == "aws":
        users = DynamoDBUserRepository(settings.dynamodb_users_table, hasher)
        base, log = (
            S3BaseStore(settings.s3_bucket),
            DynamoDBCommitLog(settings.dynamodb_commits_table),
        )
        usernames = functools.partial(_dynamodb_usernames, users, settings.dynamodb_users_table)
    else:
        data = settings.data_dir
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        users = SQLiteUserRepository(data / "admin.db", hasher)
        base, log = DirectoryBaseStore(data), SQLiteCommitLog(data / "commits.db")
        usernames = functools.partial(_sqlite_usernames, data / "admin.db")
    options = StorageOptions(
        cache_dir=settings.cache_dir, generation_of=functools.partial(_generation_of, users)
    )
    storage = CollectionStorage(base, log, options)
    return Target(settings, users, base, log, storage, usernames, pause)


def is_there(settings: Settings) -> bool:
    """Whether there is a target yet; on AWS its stack makes it."""
    return settings.backend == "aws" or os.path.lexists(settings.data_dir / "admin.db")


def _generation_of(users: UserRepository, username: str) -> str:
    user = users.get(username)
    if user is None:
        raise NotFoundError("There is no such user.")
    return user.generation


def _sqlite_usernames(path: Path) -> list[str]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as conn:
        return [name for (name,) in conn.execute("SELECT username FROM users ORDER BY username")]


def _dynamodb_usernames(users: DynamoDBUserRepository, table: str) -> list[str]:
    """A scan, which only the operator's own role may do."""
    pages = users.client.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="attribute_exists(password_hash)",
        ProjectionExpression="username",
        ConsistentRead=True,
    )
    found = [values_of(each)["username"] for page in pages for each in page["Items"]]
    return sorted(found)
