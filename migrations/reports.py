"""Reports: one for programs, one to read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from migrations.outcomes import Outcome, Status
from migrations.verifying import Finding
from migrations.wording import plain

_HEADINGS: dict[Status, str] = {
    "taken": "taken over",
    "already": "taken over before",
    "empty": "account only; the collection is made at the first login",
    "not_taken": "NOT TAKEN",
    "unnamed": "NEEDS A NEW NAME (edit mapping.json, give it back by --mapping)",
    "skipped": "left out by decision",
    "failed": "FAILED; run again",
}


class Report(msgspec.Struct, frozen=True):
    """`what` is plan, copy or verify; times in epoch milliseconds."""

    what: str
    stage: str
    began_ms: int
    ended_ms: int
    people: tuple[Outcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    unclaimed: tuple[str, ...] = ()
    nameless: tuple[int, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether there is nothing that somebody has to look at."""
        everybody = all(person.is_well for person in self.people)
        differences = [one for one in self.findings if not one.is_note]
        return everybody and not differences and not self.nameless


def try_folder(folder: Path) -> None:
    """Make the folder and write into it, before anything else is done. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    trial = folder / ".trial"
    trial.write_bytes(b"")
    trial.unlink()


def write_report(folder: Path, report: Report) -> Path:
    """Write `<what>.json` and `<what>.txt`; the one to read."""
    folder.mkdir(parents=True, exist_ok=True)
    data = msgspec.json.format(msgspec.json.encode(report), indent=2)
    (folder / f"{report.what}.json").write_bytes(data + b"\n")
    readable = folder / f"{report.what}.txt"
    lines = [*summary(report), "", *_details(report)]
    readable.write_text("".join(f"{plain(line)}\n" for line in lines))
    return readable


def summary(report: Report) -> list[str]:
    """The report in a few lines."""
    lines = []
    if report.what == "verify":
        notes = sum(1 for one in report.findings if one.is_note)
        lines.append(f"{len(report.findings) - notes} differences")
        if notes:
            lines.append(f"{notes} that are none, and are told all the same")
    else:
        counts = Counter(person.status for person in report.people)
        lines += [
            f"{counts[status]:6} {words}" for status, words in _HEADINGS.items() if counts[status]
        ]
        rows = sum((Counter(person.counts) for person in report.people), Counter())
        size = sum(person.size for person in report.people)
        lines.append(f"{size:,} bytes; " + ", ".join(f"{n:,} {what}" for what, n in rows.items()))
    if report.nameless:
        lines.append(f"{len(report.nameless)} rows of users without a username")
    if report.unclaimed:
        lines.append(f"{len(report.unclaimed)} files that are nobody's (they are kept)")
    if report.left:
        lines.append(f"{len(report.left)} entries of user_dbs that are no files (NOT kept)")
    return lines


def _details(report: Report) -> Iterator[str]:
    for finding in report.findings:
        yield f"{finding.username or '(install)'}: {finding.difference}"
    for status, words in _HEADINGS.items():
        people = [person for person in report.people if person.status == status]
        if people:
            yield from ("", words.upper(), *(line for each in people for line in _person(each)))
    for name in report.unclaimed:
        yield f"nobody's: {name}"
    for name in report.left:
        yield f"no file: {name}"
    for user_id in report.nameless:
        yield f"no username: user {user_id} (decide in mapping.json, rows_without_username)"


def _person(person: Outcome) -> Iterator[str]:
    arrow = "" if person.username in ("", person.old_username) else f" -> {person.username}"
    counts = ", ".join(f"{number} {what}" for what, number in person.counts.items())
    reason = f": {person.reason}" if person.reason else ""
    suggested = f"; suggested: {person.suggestion}" if person.suggestion else ""
    told = f"{person.old_username}{arrow}{reason}{suggested} ({person.size:,} bytes) {counts}"
    yield f"  {told.rstrip()}"
    yield from (f"      ! {each}" for each in person.attention)
    yield from (f"      - {each}" for each in person.repairs)
    for words, numbers in _numbers(person):
        told = ", ".join(f"{name} {number}" for name, number in numbers.items())
        yield f"      {words} {told}"


def _numbers(person: Outcome) -> Sequence[tuple[str, dict[str, int]]]:
    everything = (
        ("left out, or under another id:", person.missing),
        ("under a new id:", person.added),
        ("rewritten:", person.changed),
    )
    return [pair for pair in everything if pair[1]]
