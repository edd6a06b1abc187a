"""A base store in memory, and one that fails on demand."""

import hashlib
import threading
from collections.abc import Callable, Mapping
from enum import Enum, auto

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    BaseStore,
    NotModified,
    ObjectHead,
    PreconditionFailedError,
    StoredObject,
)


class MemoryBaseStore:
    """Keeps the objects in a dictionary and the names of the methods called in `calls`."""

    def __init__(self) -> None:
        self.objects: dict[str, StoredObject] = {}
        self.calls: list[str] = []
        self._lock = threading.Lock()

    def get(self, key: str) -> StoredObject | None:
        self.calls.append("get")
        return self.objects.get(key)

    def get_if_changed(self, key: str, etag: str) -> StoredObject | NotModified | None:
        self.calls.append("get_if_changed")
        found = self.objects.get(key)
        return NotModified() if found and found.etag == etag else found

    def head(self, key: str) -> ObjectHead | None:
        self.calls.append("head")
        found = self.objects.get(key)
        return ObjectHead(found.etag, found.metadata) if found else None

    def put(
        self, key: str, data: bytes, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        self.calls.append("put")
        with self._lock:
            found = self.objects.get(key)
            if (found.etag if found else None) != if_match:
                raise PreconditionFailedError
            return self.place(key, data, metadata)

    def delete(self, key: str) -> None:
        self.calls.append("delete")
        self.objects.pop(key, None)

    def place(self, key: str, data: bytes, metadata: Mapping[str, str] | None = None) -> str:
        """Put an object there by other means than the port."""
        etag = f'"{hashlib.md5(data).hexdigest()}"'
        self.objects[key] = StoredObject(etag, dict(metadata or {}), data)
        return etag


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
    """Another base store whose calls fail as `plan`, asked with the method's name, says."""

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
        self._fail("get")
        return self._base.get(key)

    def get_if_changed(self, key: str, etag: str) -> StoredObject | NotModified | None:
        self._fail("get_if_changed")
        return self._base.get_if_changed(key, etag)

    def head(self, key: str) -> ObjectHead | None:
        self._fail("head")
        return self._base.head(key)

    def put(
        self, key: str, data: bytes, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        def arrive() -> str:
            return self._base.put(key, data, metadata=metadata, if_match=if_match)

        match self._fail("put"):
            case Fault.LATE:
                self._late.append(arrive)
                raise AmbiguousOutcomeError
            case Fault.LOST_ANSWER:
                arrive()
                raise AmbiguousOutcomeError
            case Fault.CRASH_AFTER:
                arrive()
                raise Crash
        return arrive()

    def delete(self, key: str) -> None:
        self._fail("delete")
        self._base.delete(key)

    def _fail(self, method: str) -> Fault | None:
        """Fails here where the call must not take effect; else the fault that is left."""
        fault = self._plan(method)
        match fault:
            case Fault.CRASH_BEFORE:
                raise Crash
            case Fault.LOST_REQUEST:
                raise AmbiguousOutcomeError if method == "put" else StorageUnavailableError
            case Fault.OUTAGE:
                raise StorageUnavailableError
        return fault


def plan_of(method: str, *faults: Fault | None) -> Callable[[str], Fault | None]:
    """A plan in which the first calls of one method go wrong in this order."""
    left = list(faults)
    return lambda called: left.pop(0) if called == method and left else None
