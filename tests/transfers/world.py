"""Transfers and imports over a base store, with a clock that is set by hand.

What is imported is a small text, into a tally in which a second import of it would show.
"""

from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from chalicelib.storage import CollectionStorage, Owner, Request, StorageOptions
from chalicelib.storage.ports import BaseStore, CommitLog
from chalicelib.transfers import (
    Imports,
    Job,
    JobStore,
    LocalDoor,
    LocalTransferAddresses,
    ReportProgress,
    Transfers,
    UploadId,
)
from chalicelib.transfers.steps import RENEWED_MS
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names

ADA = Owner("ada", "gen1")
GRACE = Owner("grace", "")
NOW_MS = 1_705_312_800_000
SECRET = b"s" * 32
MAX_BYTES = 10_000_000
FILE = b"one file"
BATCHES = 3


class World:
    def __init__(
        self,
        base: BaseStore,
        tmp_path: Path,
        log: CommitLog | None = None,
        during: Callable[[str], None] = lambda _: None,
        renewed_ms: int = RENEWED_MS,
    ) -> None:
        """`during` is called at every place of an import, with the name of the place."""
        self.base = base
        self.now_ms = NOW_MS
        self.batches: Counter[int] = Counter()
        self._during = during
        options = StorageOptions(cache_dir=tmp_path / "cache", sleep=lambda _: None)
        self.storage = CollectionStorage(base, log or MemoryCommitLog(), options)
        self.storage.create(ADA, build)
        numbers = count(1)
        self.addresses = LocalTransferAddresses(SECRET)
        self.transfers = Transfers(
            base,
            self.addresses,
            max_bytes=MAX_BYTES,
            now_ms=self.time,
            random_bits=lambda _: next(numbers),
        )
        self.door = LocalDoor(base, self.addresses, now_ms=self.time)
        self.jobs = JobStore(base, now_ms=self.time, random_bits=lambda _: next(numbers))
        self.imports = Imports(
            self.jobs, self.transfers, self.import_file, now_ms=self.time, renewed_ms=renewed_ms
        )

    def time(self) -> int:
        return self.now_ms

    def wait(self, ms: int) -> None:
        self.now_ms += ms

    def offer(self, size: int = MAX_BYTES, owner: Owner = ADA) -> tuple[str, str]:
        """The id of an upload, and the token to send it with."""
        offer = self.transfers.offer_upload(owner, size, "apkg")
        return offer.upload_id, offer.address.url.removeprefix("/uploads/")

    def upload(self, file: bytes = FILE, size: int = MAX_BYTES, owner: Owner = ADA) -> str:
        upload_id, token = self.offer(size, owner)
        self.door.receive(token, [file])
        return upload_id

    def import_file(
        self, owner: Owner, path: Path, job: Job, progress: ReportProgress
    ) -> dict[str, Any]:
        """Some batches, each of which may be the last for now, and then one commit."""
        self._during("begin")
        for batch in range(BATCHES):
            self._during("batch")
            self.batches[batch] += 1
            progress("media", batch + 1, BATCHES)
        text = path.read_text()
        self._during("commit")
        name = self.storage.transact(owner, add(text), Request(job.id, b"digest"))
        self._during("end")
        return {"name": name}

    def imported(self, owner: Owner = ADA) -> Counter[str]:
        return self.storage.read(owner, names)

    def has_upload(self, upload_id: str, owner: Owner = ADA) -> bool:
        parsed = UploadId.parse(upload_id)
        folder = f"uploads/{owner.username}/{owner.generation or '-'}/"
        return f"{folder}{parsed}" in self.base.keys(folder)
