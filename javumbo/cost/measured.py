"""What the benchmarks have measured, as far as costs follow from it."""

from pathlib import Path
from typing import TypeVar

import msgspec

from chalicelib.errors import ConfigurationError

RESULTS = Path(__file__).parent.parent.parent / "benchmarks" / "results"

# The model of how long AWS's services take that costs are predicted with: the slower one.
_MODEL = "conservative"
_COLLECTION, _WHOLE_FILE, _DELTA_LOG = "1 MB", "whole file", "delta log"

# What S3 charges as a write; DELETE is free, all else is a read.
# Source: Amazon S3 pricing, "Requests & data retrievals".
_S3_WRITES = ("PutObject", "CopyObject", "ListObjectsV2", "ListObjectVersions", "PostObject")
_S3_FREE = ("DeleteObject",)
_LOG_READS = ("GetItem", "Query", "Scan")

T = TypeVar("T")


class Spread(msgspec.Struct, frozen=True):
    p50: float


class Operation(msgspec.Struct, frozen=True):
    """One operation, in the mean: what it takes of a whole core, and asks of AWS.

    `requests` by service and name, as "s3 PutObject"; `bytes_out` go to the caller.
    """

    name: str
    cpu_ms: Spread
    requests: dict[str, float]
    write_units: float
    read_units: float
    bytes_out: float

    @property
    def s3_writes(self) -> float:
        return self._of_s3(_S3_WRITES)

    @property
    def s3_reads(self) -> float:
        asked = sum(count for name, count in self.requests.items() if name.startswith("s3 "))
        return asked - self._of_s3(_S3_WRITES) - self._of_s3(_S3_FREE)

    def waiting_ms(self, times: "Latency") -> float:
        """How long it waits for AWS if it makes its requests one after the other."""
        return sum(count * times.of(name) for name, count in self.requests.items())

    def _of_s3(self, names: tuple[str, ...]) -> float:
        return sum(self.requests.get(f"s3 {name}", 0) for name in names)


class Latency(msgspec.Struct, frozen=True):
    """How long AWS's services take, in milliseconds."""

    name: str
    object_read_ms: float
    object_write_ms: float
    log_read_ms: float
    log_write_ms: float

    def of(self, request: str) -> float:
        """The time of a request, by its service and name."""
        service, _, name = request.partition(" ")
        if service == "dynamodb":
            return self.log_read_ms if name in _LOG_READS else self.log_write_ms
        return self.object_write_ms if name in _S3_WRITES + _S3_FREE else self.object_read_ms


class _Fold(msgspec.Struct, frozen=True):
    answers_per_fold: float


class _Engine(msgspec.Struct, frozen=True):
    model: str
    warm_read_ms: Spread
    warm_answer_ms: Spread
    fold: _Fold | None


class _Engines(msgspec.Struct, frozen=True):
    engine: str
    models: list[_Engine]


class _Collection(msgspec.Struct, frozen=True):
    name: str
    engines: list[_Engines]


class _Storage(msgspec.Struct, frozen=True):
    models: list[Latency]
    collections: list[_Collection]


class _Operations(msgspec.Struct, frozen=True):
    collection_bytes: int
    backup_bytes: int
    media_bytes: int
    operations: list[Operation]


class _ColdStart(msgspec.Struct, frozen=True):
    billed_ms: float


class _Warming(msgspec.Struct, frozen=True):
    cold_starts_per_request: float
    authorizations_per_request: float


class _Login(msgspec.Struct, frozen=True):
    memory_mb: int


class _Load(msgspec.Struct, frozen=True):
    cpu_ms_per_request: float


class Measured(msgspec.Struct, frozen=True):
    """All of it. Times of the whole-file engine are with the same model of AWS's services.

    `cold_start_ms` is what one is billed; `cold_starts` and `authorizations` are shares of the
    requests, with warming. `served_cpu_ms` is a request's on one machine, the server's share.
    """

    operations: dict[str, Operation]
    times: Latency
    answers_per_fold: float
    whole_file_read_ms: float
    whole_file_answer_ms: float
    collection_bytes: int
    backup_bytes: int
    media_bytes: int
    memory_mb: int
    cold_start_ms: float
    cold_starts: float
    authorizations: float
    served_cpu_ms: float


def load_measured(results: Path = RESULTS) -> Measured:
    """What lies in the folder of results.

    Raises ConfigurationError when a benchmark has not been run, or wrote something else.
    """
    measured, storage = _operations_and_storage(results)
    operations, times = load_operations(results)
    warming = _read(results / "warming.json", _Warming)
    whole_file, delta_log = _engine(storage, _WHOLE_FILE), _engine(storage, _DELTA_LOG)
    return Measured(
        operations=operations,
        times=times,
        answers_per_fold=delta_log.fold.answers_per_fold if delta_log.fold else 1,
        whole_file_read_ms=whole_file.warm_read_ms.p50,
        whole_file_answer_ms=whole_file.warm_answer_ms.p50,
        collection_bytes=measured.collection_bytes,
        backup_bytes=measured.backup_bytes,
        media_bytes=measured.media_bytes,
        memory_mb=_read(results / "login.json", _Login).memory_mb,
        cold_start_ms=_read(results / "cold_start.json", _ColdStart).billed_ms,
        cold_starts=warming.cold_starts_per_request,
        authorizations=warming.authorizations_per_request,
        served_cpu_ms=_read(results / "load.json", _Load).cpu_ms_per_request,
    )


def load_operations(results: Path = RESULTS) -> tuple[dict[str, Operation], Latency]:
    """What each operation takes, by name, and how long AWS's services are waited for.

    Raises ConfigurationError as `load_measured` does.
    """
    measured, storage = _operations_and_storage(results)
    times = next(model for model in storage.models if model.name == _MODEL)
    return {one.name: one for one in measured.operations}, times


def _operations_and_storage(results: Path) -> tuple[_Operations, _Storage]:
    return _read(results / "operations.json", _Operations), _read(
        results / "storage.json", _Storage
    )


def _engine(storage: _Storage, engine: str) -> _Engine:
    collection = next(one for one in storage.collections if one.name == _COLLECTION)
    models = next(one.models for one in collection.engines if one.engine == engine)
    return next(model for model in models if model.model == _MODEL)


def _read(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError:
        raise ConfigurationError(f"{path.name} is missing: run `make bench` first.") from None
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"{path.name} cannot be used: {error}.") from None
