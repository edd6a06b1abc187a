#!/usr/bin/env python3
"""Ask real Anki and write tests/golden/*: what the scheduler's tests are judged by.

    make_golden.py [FOLDER]      (default: tests/golden)

Needs `anki` and libfaketime (README.md); some minutes.  The same `anki`
version gives the same files.  Everything in them is rows and labels that Anki computed for the
random cases of golden_cases.py and queue_cases.py; tests/scheduler/golden.py and
tests/support/scenarios.py tell how they are laid out.
"""

from __future__ import annotations

import json
import lzma
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import golden_cases as cases
import queue_cases

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))
from tests.support.scenarios import build  # noqa: E402

CARD = ("type", "queue", "due", "ivl", "factor", "reps", "lapses", "left")
REVLOG = ("ease", "ivl", "lastIvl", "factor", "time", "type")
LEARN_AHEADS = (1200, 0, 7200)


def ask(script: str, document: object | None = None, *arguments: str) -> list[dict]:
    """Run an oracle script in a process of its own: one object per line of its output."""
    command = [sys.executable, str(HERE / script), *arguments, *(["-"] if document else [])]
    answer = subprocess.run(command, input=json.dumps(document), capture_output=True, text=True)
    if answer.returncode:
        sys.exit(f"{script}: {answer.stderr}")
    return [json.loads(line) for line in answer.stdout.splitlines()]


def columns(row: dict, names: tuple[str, ...]) -> list:
    return [row[name] for name in names]


def answer_rows(answer: dict) -> list:
    """[card columns, revlog columns, 1 when the note was tagged as a leech]"""
    leech = int(answer["tags"] == "leech")
    return [columns(answer["card"], CARD), columns(answer["revlog"], REVLOG), leech]


def transition_groups() -> list[dict]:
    groups = []
    for document in cases.transition_documents(seed=20240115, groups=26, cases=8):
        results = ask("transitions.py", document)
        pairs = zip(document["cases"], results, strict=True)
        for _, same in groupby(pairs, key=lambda pair: (pair[1]["now"], pair[0]["config"])):
            groups.append(transition_group(document, list(same)))
        print(f"{document['tz']}: {sum(len(g['cases']) for g in groups)} cases", file=sys.stderr)
    return groups


def transition_group(document: dict, pairs: list[tuple[dict, dict]]) -> dict:
    case, result = pairs[0]
    return {
        "fuzz": document["fuzz"],
        "now": result["now"],
        "today": result["today"],
        "secs_to_rollover": result["secs_to_rollover"],
        "config": case["config"],
        "cases": [
            [
                result["before"]["id"],
                columns(result["before"], CARD),
                case["taken_ms"],
                result["labels"],
                [answer_rows(result["answers"][b]) for b in "1234"],
            ]
            for case, result in pairs
        ],
    }


def timeline_rows() -> list[dict]:
    rows = []
    for script in cases.timelines(seed=7, count=60):
        lines = [line for line in ask("replay.py", script) if "card" in line]
        rows.append(
            {
                "fuzz": script["fuzz"],
                "config": script["config"],
                "card_id": script["card_id"],
                "position": 1,
                "answers": [
                    [
                        line["now"],
                        line["today"],
                        line["secs_to_rollover"],
                        line["button"],
                        taken_ms,
                        line["labels"],
                        answer_rows(line),
                    ]
                    for line, (_, _, taken_ms) in zip(lines, script["answers"])
                ],
            }
        )
    return rows


def timing_rows() -> list[dict]:
    rows = []
    for document in cases.timing_documents(seed=3, cases=80):
        for case, result in zip(document["cases"], ask("timings.py", document), strict=True):
            rows.append({**case, **result})
    return rows


def graph_rows() -> list[dict]:
    """What Anki's graphs show of the collections that the statistics are tested with."""
    sys.path.insert(0, str(HERE.parent.parent))
    from tests.collection.stats_collections import documents

    rows = []
    with tempfile.TemporaryDirectory(prefix="anki-oracle-") as folder:
        for document in documents(Path(folder)):
            for case, result in zip(document["cases"], ask("graphs.py", document), strict=True):
                del case["file"]
                rows.append({**case, **result})
    return rows


def queue_rows(scenarios: list[dict]) -> list[dict]:
    """The scenarios, each with what Anki "says"; cards are named by their place in the scenario."""
    with tempfile.TemporaryDirectory(prefix="anki-oracle-") as folder:
        for number, scenario in enumerate(scenarios):
            with closing(sqlite3.connect(f"{folder}/{number}", isolation_level=None)) as conn:
                build(conn, scenario)
        for zone in queue_cases.ZONES:
            asked = [n for n, scenario in enumerate(scenarios) if scenario["zone"] == zone]
            files = [{**scenarios[n], "cards": [], "file": f"{folder}/{n}"} for n in asked]
            answers = ask("queues.py", {"zone": zone, "scenarios": files})
            for number, answer in zip(asked, answers, strict=True):
                scenarios[number]["says"] = answer
            print(f"{zone}: {len(asked)} scenarios of the queue", file=sys.stderr)
    for scenario in scenarios:
        name_cards_by_place(scenario)
    return scenarios


def name_cards_by_place(scenario: dict) -> None:
    place = {row[0]: n for n, row in enumerate(scenario["cards"])}
    says = scenario["says"]
    for queue in says["queues"].values() if "queues" in says else [s["queue"] for s in says]:
        queue[0] = [place[card_id] for card_id in queue[0]]


def fresh_dconf() -> dict:
    """The option group of a new collection, which each case's "config" is laid over."""
    from anki.collection import Collection

    with tempfile.TemporaryDirectory(prefix="anki-oracle-") as folder:
        col = Collection(f"{folder}/c.anki2")
        dconf = col.decks.get_config(1)
        col.close()
    return dconf | {"mod": 0}


def write(folder: Path, name: str, content: object, **more: object) -> None:
    head = {"anki": version("anki"), **more, name: content}
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    (folder / f"{name}.json.xz").write_bytes(lzma.compress(text.encode(), preset=9))


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "golden"
    folder.mkdir(exist_ok=True)
    write(
        folder, "labels", {ahead: ask("labels.py", None, str(ahead))[0] for ahead in LEARN_AHEADS}
    )
    write(folder, "timings", timing_rows())
    write(folder, "searches", ask("searches.py"))
    write(folder, "graphs", graph_rows())
    dconf = fresh_dconf()
    write(folder, "timelines", timeline_rows(), dconf=dconf)
    write(folder, "transitions", transition_groups(), dconf=dconf)
    write(
        folder,
        "queues",
        queue_rows(queue_cases.scenarios(seed=5, count=240)),
        timelines=queue_rows(queue_cases.timelines(seed=9, count=42)),
    )


if __name__ == "__main__":
    main()
