"""`python -m benchmarks.cold_start`: how long the first request of new environments takes.

The packaged functions run in processes of their own, as new as an environment is; processor time is
measured, what AWS takes is modelled. Writes benchmarks/results/cold_start.json and its table of
docs/performance.md; exits with 1 when a promise is not kept.
"""

import compileall
import importlib
import json
import os
import platform
import shutil
import site
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.collections import SIZES, make
from benchmarks.figures import Bar, Machine, rounded
from benchmarks.lambda_events import Call, event_of
from benchmarks.login import chosen_memory_mb
from benchmarks.markdown import number, table
from benchmarks.model import CONSERVATIVE, FAST, Latency
from benchmarks.operations import BUCKET, emulated_stage
from benchmarks.operations_people import person_with_collection
from benchmarks.publishing import tell, write_results, write_tables
from benchmarks.storage import DOCUMENT, ROOT
from javumbo.cost.measured import load_operations
from javumbo.cost.plan import core_share

RESULTS = ROOT / "benchmarks" / "results" / "cold_start.json"
BEGIN = "<!-- cold start tables: begin (written by make bench) -->"
END = "<!-- cold start tables: end -->"

MEMORIES = (512, 1024, 1769, 3008)
_PACKED = ("app.py", "chalicelib", "requirements.txt", ".chalice")
_TIMES = 9
# Finding a place, fetching the zip and starting Python, before any code of ours. Assumed: what
# others have published of functions that do nothing is between 100 and 300 ms.
_PLATFORM_MS = {FAST.name: 150.0, CONSERVATIVE.name: 250.0}
# A new connection with TLS inside a region; one for each service that is asked. Assumed.
_CONNECT_MS = {FAST.name: 8.0, CONSERVATIVE.name: 15.0}
_MOST_COLD_MS, _MOST_WARM_MS = 2000, 200
_READS = ("GetItem", "Query", "GetParameter", "GetObject", "HeadObject")


@dataclass(frozen=True, slots=True)
class Environment:
    """A new environment of one function; processor milliseconds of a whole core."""

    function: str
    import_ms: float
    first_ms: float
    requests: dict[str, int]


@dataclass(frozen=True, slots=True)
class ColdStart:
    """The model at one memory size: milliseconds with both functions cold, or the handler only."""

    memory_mb: int
    model: str
    both_ms: float
    handler_ms: float
    warm_ms: float


@dataclass(frozen=True, slots=True)
class ColdStartResults:
    """`billed_ms` is what a cold start of the handler is billed at the memory that was chosen.

    `compiled_saves_ms` is what compiled files in the zip would save both functions together.
    """

    machine: Machine
    compiled_saves_ms: float
    memory_mb: int
    environments: list[Environment]
    cold_starts: list[ColdStart]
    billed_ms: float
    bars: list[Bar]


def run(memory_mb: int) -> ColdStartResults:
    """Measure and model; under a minute, after packing."""
    with tempfile.TemporaryDirectory() as directory, emulated_stage() as environment:
        os.environ.update(environment)
        packed = Path(directory, "packed")
        _pack(Path(directory), packed)
        events = _events()
        environments = [_environment(packed, *event) for event in events.items()]
        compileall.compile_dir(packed, quiet=1)
        compiled = [_environment(packed, *event) for event in events.items()]
    operations, _ = load_operations()
    warm_cpu_ms = operations["authorize"].cpu_ms.p50 + operations["answer"].cpu_ms.p50
    modelled = [
        _modelled(environments, warm_cpu_ms, memory, model)
        for memory in MEMORIES
        for model in (FAST, CONSERVATIVE)
    ]
    chosen = next(
        one for one in modelled if (one.memory_mb, one.model) == (memory_mb, CONSERVATIVE.name)
    )
    return ColdStartResults(
        machine=Machine.this(),
        compiled_saves_ms=rounded(_computing_ms(environments) - _computing_ms(compiled)),
        memory_mb=memory_mb,
        environments=environments,
        cold_starts=modelled,
        billed_ms=chosen.handler_ms,
        bars=list(bars(chosen)),
    )


def bars(chosen: ColdStart) -> Iterator[Bar]:
    """What the model promises at the memory that was chosen."""
    where = f"{chosen.memory_mb} MB"
    cold = f"a cold start of both functions within {_MOST_COLD_MS} ms"
    yield Bar(where, cold, chosen.both_ms, chosen.both_ms < _MOST_COLD_MS)
    warm = f"a warm answer within {_MOST_WARM_MS} ms, the authorizer asked"
    yield Bar(where, warm, chosen.warm_ms, chosen.warm_ms < _MOST_WARM_MS)


def _pack(work: Path, packed: Path) -> None:
    """What `chalice package` puts into the zip, unpacked as Lambda does."""
    project = work / "project"
    for name in _PACKED:
        source, target = ROOT / name, project / name
        if source.is_dir():
            skipped = shutil.ignore_patterns("__pycache__", "deployments", "deployed")
            shutil.copytree(source, target, ignore=skipped)
        else:
            project.mkdir(exist_ok=True)
            shutil.copy(source, target)
    _for_this_machine(project / ".chalice" / "config.json")
    command = [sys.executable, "-c", "from chalice.cli import main; main()"]
    subprocess.run(  # noqa: S603
        [*command, "package", "--stage", "dev", str(work / "out")],
        cwd=project,
        env={**os.environ, "PYTHONSAFEPATH": "1"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with zipfile.ZipFile(work / "out" / "deployment.zip") as archive:
        archive.extractall(packed)


def _for_this_machine(config: Path) -> None:
    """What is packed for another processor does not run here."""
    settings = json.loads(config.read_text())
    is_arm = platform.machine() in ("aarch64", "arm64")
    settings["lambda_architecture"] = "arm64" if is_arm else "x86_64"
    config.write_text(json.dumps(settings))


def _events() -> dict[str, dict[str, Any]]:
    """What API Gateway asks the authorizer, then the handler: a person's decks."""
    sys.path.insert(0, str(ROOT))
    app = importlib.import_module("app")
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "collection.anki2")
        make(file, SIZES[1])
        token, caller = person_with_collection(app, "cold", BUCKET, file.read_bytes())
    asked = {
        "type": "TOKEN",
        "methodArn": "arn:aws:execute-api:us-east-1:123456789012:api/api/GET/api/decks",
        "authorizationToken": f"Bearer {token}",
    }
    return {"jwt_auth": asked, "app": event_of(Call("GET", "/api/decks"), app, caller)}


def _environment(packed: Path, function: str, event: Mapping[str, Any]) -> Environment:
    """The least of several new processes: what others do on this machine only adds to it."""
    measured = [_started(packed, function, event, count=False) for _ in range(_TIMES)]
    counted = _started(packed, function, event, count=True)
    return Environment(
        function,
        rounded(min(one["import_ms"] for one in measured)),
        rounded(min(one["first_ms"] for one in measured)),
        dict(Counter(counted["requests"])),
    )


def _started(packed: Path, function: str, event: Mapping[str, Any], *, count: bool) -> Any:
    order = {
        # boto3 is the runtime's, which has it compiled.
        "paths": [str(packed), *site.getsitepackages()],
        "function": function,
        "event": event,
        "count": count,
    }
    done = subprocess.run(  # noqa: S603
        [
            sys.executable,
            "-S",
            str(Path(__file__).with_name("cold_start_child.py")),
            json.dumps(order),
        ],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def _computing_ms(environments: Sequence[Environment]) -> float:
    return sum(one.import_ms + one.first_ms for one in environments)


def _modelled(
    environments: Sequence[Environment], warm_cpu_ms: float, memory_mb: int, times: Latency
) -> ColdStart:
    """The authorizer's environment comes first; `warm_cpu_ms` is of both, when they are warm."""
    authorizer, handler = (_cold_ms(one, memory_mb, times) for one in environments)
    # Both at work already: the authorizer's two reads, an append, and their processor time.
    warm_ms = warm_cpu_ms / core_share(memory_mb) + 2 * times.log_read_ms + times.log_write_ms
    return ColdStart(
        memory_mb=memory_mb,
        model=times.name,
        both_ms=rounded(authorizer + handler),
        handler_ms=rounded(handler),
        warm_ms=rounded(warm_ms),
    )


def _cold_ms(one: Environment, memory_mb: int, times: Latency) -> float:
    services = {name.partition(" ")[0] for name in one.requests}
    waiting = sum(count * _request_ms(name, times) for name, count in one.requests.items())
    computing = (one.import_ms + one.first_ms) / core_share(memory_mb)
    return _PLATFORM_MS[times.name] + computing + waiting + len(services) * _CONNECT_MS[times.name]


def _request_ms(name: str, times: Latency) -> float:
    service, _, operation = name.partition(" ")
    if service == "dynamodb":
        return times.log_read_ms if operation in _READS else times.log_write_ms
    return times.object_read_ms if operation in _READS else times.object_write_ms


def tables(results: ColdStartResults) -> str:
    machine = results.machine
    environments = table(
        ("function", "import", "first request", "asks"),
        (
            (
                {"jwt_auth": "authorizer", "app": "API handler"}[one.function],
                f"{number(one.import_ms)} ms",
                f"{number(one.first_ms)} ms",
                ", ".join(f"{count} {name}" for name, count in one.requests.items()),
            )
            for one in results.environments
        ),
    )
    header = ("memory", "both cold", "handler cold", "warm")
    saved = number(results.compiled_saves_ms)
    about = (
        f"Python {machine.python}. Processor time of a whole core, in a new process. Compiled"
        f" files, which `javumbo deploy` adds, save both together {saved} ms."
    )
    modelled = table(header, (_row(results, memory) for memory in MEMORIES))
    model = "The model, in milliseconds, fast / conservative:"
    return "\n\n".join((about, environments, model, modelled))


def _row(results: ColdStartResults, memory_mb: int) -> Sequence[str]:
    fast, slow = (one for one in results.cold_starts if one.memory_mb == memory_mb)
    return (
        f"{memory_mb} MB",
        f"{number(fast.both_ms)} / {number(slow.both_ms)}",
        f"{number(fast.handler_ms)} / {number(slow.handler_ms)}",
        f"{number(fast.warm_ms)} / {number(slow.warm_ms)}",
    )


def main() -> int:
    results = run(chosen_memory_mb())
    write_results(results, RESULTS)
    write_tables(tables(results), DOCUMENT, BEGIN, END)
    return tell(tables(results), results.bars)


if __name__ == "__main__":
    sys.exit(main())
