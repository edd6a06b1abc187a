"""A base store in memory, and one that fails on demand."""

import hashlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.disk import chunks_of, disk_errors, new_file
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    BaseStore,
    EarlierVersion,
    ObjectHead,
    PreconditionFailedError,
    StoredObject,
)

T = TypeVar("T")


class _Replaced(NamedTuple):
    version: EarlierVersion
    data: bytes


class MemoryBaseStore:
    """Keeps the objects in a dictionary and the names of the methods called in `calls`.

    All replaced versions are kept. `objects` may be changed by hand.
    """

    def __init__(self, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self.objects: dict[str, StoredObject] = {}
        self.calls: list[str] = []
        self._replaced: dict[str, list[_Replaced]] = {}
        self._stored_at_ms: dict[str, int] = {}
        self._now_ms = now_ms
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def get(self, key: str) -> StoredObject | None:
        self.calls.append("get")
        return self.objects.get(key)

    def head(self, key: str) -> ObjectHead | None:
        self.calls.append("head")
        found = self.objects.get(key)
        return _head(found) if found else None

    def download(self, key: str, path: Path, *, version: str | None = None) -> ObjectHead | None:
        self.calls.append("download")
        found = self._earlier(key, version) if version else self.objects.get(key)
        with disk_errors():
            path.unlink(missing_ok=True)
            if found:
                with new_file(path) as file:
                    file.write(found.data)
        return _head(found) if found else None

    def put(
        self, key: str, data: bytes | Path, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        self.calls.append("put")
        with disk_errors():
            content = b"".join(chunks_of(data))
        with self._lock:
            found = self.objects.get(key)
            if (found.etag if found else None) != if_match:
                raise PreconditionFailedError
            return self.place(key, content, metadata)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self.calls.append("delete")
        with self._lock:
            found = self.objects.get(key)
            if found and if_match not in (None, found.etag):
                raise PreconditionFailedError
            self.objects.pop(key, None)

    def keys(self, prefix: str) -> list[str]:
        self.calls.append("keys")
        return sorted(key for key in list(self.objects) if key.startswith(prefix))

    def earlier(self, key: str) -> Iterator[EarlierVersion]:
        self.calls.append("earlier")
        replaced = self._replaced.get(key, []) if key in self.objects else []
        return iter([version for version, _ in replaced])

    def place(self, key: str, data: bytes, metadata: Mapping[str, str] | None = None) -> str:
        """Put an object there by other means than the port."""
        old, stored_at_ms = self.objects.get(key), self._stored_at_ms.get(key, 0)
        self._replaced[key] = self._replaced.get(key, []) if old else []
        if old:
            version = EarlierVersion(old.etag, old.metadata, str(next(self._numbers)), stored_at_ms)
            self._replaced[key].insert(0, _Replaced(version, old.data))
        etag = f'"{hashlib.md5(data).hexdigest()}"'
        self.objects[key] = StoredObject(etag, dict(metadata or {}), data)
        self._stored_at_ms[key] = self._now_ms()
        return etag

    def _earlier(self, key: str, name: str) -> StoredObject | None:
        for version, data in self._replaced.get(key, []) if key in self.objects else ():
            if version.version == name:
                return StoredObject(version.etag, version.metadata, data)
        return None


def _head(found: StoredObject) -> ObjectHead:
    return ObjectHead(found.etag, found.metadata)


class Fault(Enum):
    """What may go wrong with one call."""

    LOST_REQUEST = auto()
    """Nothing happens, and no answer comes."""
    LOST_ANSWER = auto()
    """It happens, and no answer comes."""
    LATE = auto()
    """No answer comes, and it happens when `land` is called."""
    CRASH_BEFORE = auto()
    """The process dies before the call."""
    CRASH_AFTER = auto()
    """The process dies after the call took effect."""
    OUTAGE = auto()
    """The store refuses, and nothing happens."""


class Crash(BaseException):
    """The process is gone: nothing catches this but the test."""


class FaultyBaseStore:
    """Another base store whose calls fail as `plan`, asked with the method's name, says.

    A read has no effect, so whatever goes wrong with it but the process is an outage.
    """

    def __init__(self, base: BaseStore, plan: Callable[[str], Fault | None]) -> None:
        self._base = base
        self._plan = plan
        self._late: list[Callable[[], object]] = []

    def land(self) -> None:
        """Let the late writes arrive, in the order in which they were sent."""
        late, self._late = self._late, []
        for arrive in late:
            try:
                arrive()
            except PreconditionFailedError:
                continue

    def get(self, key: str) -> StoredObject | None:
        return self._read("get", lambda: self._base.get(key))

    def head(self, key: str) -> ObjectHead | None:
        return self._read("head", lambda: self._base.head(key))

    def download(self, key: str, path: Path, *, version: str | None = None) -> ObjectHead | None:
        return self._read("download", lambda: self._base.download(key, path, version=version))

    def put(
        self, key: str, data: bytes | Path, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        with disk_errors():
            # The file may be gone before a late write lands.
            content = b"".join(chunks_of(data))
        return self._write(
            "put",
            lambda: self._base.put(key, content, metadata=metadata, if_match=if_match),
            AmbiguousOutcomeError,
        )

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        call = partial(self._base.delete, key, if_match=if_match)
        self._write("delete", call, StorageUnavailableError)

    def keys(self, prefix: str) -> list[str]:
        return self._read("keys", lambda: self._base.keys(prefix))

    def earlier(self, key: str) -> Iterator[EarlierVersion]:
        yield from self._read("earlier", lambda: list(self._base.earlier(key)))

    def _read(self, method: str, call: Callable[[], T]) -> T:
        match self._plan(method):
            case None:
                return call()
            case Fault.CRASH_BEFORE:
                raise Crash
            case Fault.CRASH_AFTER:
                call()
                raise Crash
        raise StorageUnavailableError

    def _write(self, method: str, call: Callable[[], T], silence: type[Exception]) -> T:
        match self._plan(method):
            case None:
                return call()
            case Fault.OUTAGE:
                raise StorageUnavailableError
            case Fault.CRASH_BEFORE:
                raise Crash
            case Fault.CRASH_AFTER:
                call()
                raise Crash
            case Fault.LATE:
                self._late.append(call)
            case Fault.LOST_ANSWER:
                call()
        raise silence


def plan_of(method: str, *faults: Fault | None) -> Callable[[str], Fault | None]:
    """A plan in which the first calls of one method go wrong in this order."""
    left = list(faults)
    return lambda called: left.pop(0) if called == method and left else None
