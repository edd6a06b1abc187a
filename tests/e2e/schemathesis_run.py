"""Lets schemathesis ask the running server whatever the OpenAPI document allows, and what not.

    python -m tests.e2e.schemathesis_run --examples 20000 --seed 1

All of its checks are on. An answer outside the document, a 5xx, bad input that is accepted, or a
door without its lock is a failure.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.support.server import ROOT, SERVE, serving

SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
HOOKS = "tests.e2e.schemathesis_hooks"
# Nobody is to be kept out: of what is behind a door that stays shut nothing is learnt.
PATIENT = {
    "LOGIN_FREE_TRIES": "1000000000",
    "ADDRESS_MAX_FAILURES": "1000000000",
    "ADDRESS_MAX_REGISTRATIONS": "1000000000",
    "ADDRESS_MAX_PASSWORD_CHECKS": "1000000000",
}
# No schema tells which cards there are, or that a name is taken: those are a 400, a 404 or a 409,
# and the codes that each route may answer with are in the document.
CONFIG = """\
continue-on-failure = true
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "400", "401", "404", "409", "413", "422", "429"]
[phases.stateful.generation]
max-examples = {scenarios}
"""
PHASES = "examples,coverage,fuzzing,stateful"
PER_OPERATION, SCENARIOS = 60, 300


def run(
    data: Path, *, per_operation: int, scenarios: int, seed: int, phases: str = PHASES
) -> dict[str, Any]:
    """One run of schemathesis against a server over `data`; its report. Raises AssertionError.

    `scenarios` are of several requests, each of which builds on what others have made. The phase
    "coverage" tries each limit of each value, which is most of the requests.
    """
    with serving(data, SERVE, **PATIENT) as base_url:
        config, report = data.parent / "schemathesis.toml", data.parent / "report.json"
        config.write_text(CONFIG.format(scenarios=scenarios))
        done = subprocess.run(
            [
                SCHEMATHESIS,
                f"--config-file={config}",
                "run",
                f"{base_url}/openapi.json",
                "--checks=all",
                f"--phases={phases}",
                f"--max-examples={per_operation}",
                f"--seed={seed}",
                f"--report-json-path={report}",
                "--no-color",
                "--warnings=off",
            ],
            cwd=data.parent,  # where it leaves notes of its own
            env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": HOOKS}
            | {"JAVUMBO_URL": base_url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        found: dict[str, Any] = json.loads(report.read_text())
        return found


def main() -> None:
    """Runs with one seed after the other until there were enough examples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    seed, total = arguments.seed, 0
    while total < arguments.examples:
        with tempfile.TemporaryDirectory() as directory:
            data = Path(directory) / "data"
            report = run(data, per_operation=PER_OPERATION, scenarios=SCENARIOS, seed=seed)
        total += examples_of(report)
        print(f"seed {seed}: {total} requests and no failure", flush=True)
        seed += 1


def examples_of(report: dict[str, Any]) -> int:
    """How many requests a run made up."""
    return int(report["test_cases"]["generated"])


if __name__ == "__main__":
    main()
