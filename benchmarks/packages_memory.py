"""`python -m benchmarks.packages_memory FILE NOTES`: the memory that an import takes, in MB."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import rounded
from benchmarks.packages_figures import MemoryFigures
from benchmarks.packages_files import Package
from benchmarks.packages_import import Step, import_here, new_collection

_PEAK = "VmHWM:"


def measure_memory(package: Package) -> MemoryFigures:
    """Import into a new collection, in a process that does nothing else."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", __name__, str(package.path), str(package.notes)],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return MemoryFigures(package.name, package.unpacked_bytes, float(done.stdout))


def peak_megabytes(process_id: int | str = "self") -> float:
    """The most memory that a process had in use at any time.

    `ru_maxrss` would not do: it begins with what the parent had.
    """
    lines = Path(f"/proc/{process_id}/status").read_text(encoding="ascii").splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith(_PEAK))
    return rounded(int(kilobytes) / 1024)


def main() -> None:
    file, notes = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="javumbo-bench-") as directory:
        import_here(new_collection(Path(directory, "data")), Step(file, Path(file), int(notes)))
    sys.stdout.write(f"{peak_megabytes()}\n")


if __name__ == "__main__":
    main()
