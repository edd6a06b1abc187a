"""Sends hostile files to a running server, and looks at what they do to it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.hostile import watched_server
from tests.e2e.hostile.kinds import Attack
from tests.e2e.hostile.watching import Contents, Process, files_in, json_of, leftovers, marked_files
from tests.packages.judge import run_anki
from tests.support import local_http
from tests.support.server import Person, assert_error_shape, server_process

MOST_S = 5.0
MOST_BYTES = 256 * 1024 * 1024
# After so long it counts as never.
_HANG_S = 120
_BODY_BYTES = 4 * 1024 * 1024
_OCTETS = {"Content-Type": "application/octet-stream"}
_POLL_S = 0.05
_SAFE_TYPES = ("image/", "audio/", "video/", "font/", "text/css", "application/octet-stream")
# Where a file that is shown could run.
_ONLY_SAVED = ("image/svg+xml", "application/octet-stream")


@dataclass(frozen=True)
class Outcome:
    """What came of an attack; `work_s` is the server's own time, `problems` what must not be."""

    attack: Attack
    status: int
    seconds: float
    work_s: float
    peak_bytes: int
    problems: list[str] = field(default_factory=list)


@contextmanager
def arena(folder: Path) -> Iterator["Arena"]:
    """A server with its data, its cache and its temporary files in `folder`."""
    data, cache, scratch = folder / "data", folder / "cache", folder / "tmp"
    scratch.mkdir(parents=True)
    log = folder / "watched"
    environ = {
        "JAVUMBO_CACHE": str(cache),
        "TMPDIR": str(scratch),
        "PYTHONDONTWRITEBYTECODE": "1",
        watched_server.LOG: str(log),
        watched_server.ALLOWED: ":".join(str(each.resolve()) for each in (data, cache, scratch)),
    }
    with server_process(data, watched_server.COMMAND, **environ) as (base_url, process):
        target = Arena(base_url, Process(process.pid), folder, log)
        try:
            yield target
        finally:
            target.close()


class Arena:
    """A server under attack, and somebody whose collection is there to be spoilt."""

    def __init__(self, base_url: str, process: Process, folder: Path, log: Path) -> None:
        self._base_url = base_url
        self._process = process
        self._folder = folder
        self._log = log
        self._persons = 0
        self._accepted: dict[Path, str] = {}
        self._meet_somebody()

    def close(self) -> None:
        self._person.close()

    def send(self, attack: Attack) -> Outcome:
        """Send one file; see what it did."""
        self._process.reset_peak()
        work_s, began = self._process.work_s, time.monotonic()
        try:
            response = self._sent(attack)
        except httpx.TransportError as error:
            return self._unanswered(attack, error, began)
        outcome = Outcome(
            attack,
            response.status_code,
            time.monotonic() - began,
            self._process.work_s - work_s,
            self._process.peak_bytes,
        )
        return replace(outcome, problems=self._problems(outcome, response))

    def _problems(self, outcome: Outcome, response: httpx.Response) -> list[str]:
        problems = [
            *self._answer_problems(outcome.attack, response),
            *self._cost_problems(outcome),
            *self._disk_problems(),
        ]
        try:
            problems += self._effects(outcome.attack, response)
        except AssertionError as error:  # of an answer that is not as it is described
            problems.append(str(error))
            self._meet_somebody_else()
        return problems

    def judge_accepted(self) -> dict[str, list[str]]:
        """What real Anki finds in the collections that took a file in, by the file's kind."""
        jobs = [{"collection": str(path), "packages": [], "check": True} for path in self._accepted]
        found: dict[str, list[str]] = {}
        for kind, result in zip(self._accepted.values(), run_anki(jobs), strict=True):
            said = [*result["problems"], *([result["error"]] if result["error"] else [])]
            if said:
                found.setdefault(kind, []).extend(said)
        return found

    @property
    def accepted(self) -> int:
        return len(self._accepted)

    def marked_files(self) -> list[str]:
        return list(marked_files(self._folder, self._folder / "data"))

    def _meet_somebody(self) -> None:
        """A new person each time that a collection has been changed."""
        self._persons += 1
        self._person = Person(self._base_url, f"target{self._persons}", utc_offset_minutes=0)
        self._person.http.timeout = httpx.Timeout(_HANG_S)
        self._before = self._export()
        self._media_before = self._media()
        self._blobs_before = self._blobs()

    def _meet_somebody_else(self) -> None:
        self._person.close()
        self._meet_somebody()

    def _sent(self, attack: Attack) -> httpx.Response:
        match attack.door:
            case "media":
                return self._post("/api/media", attack.content, name=attack.name)
            case "preview":
                return self._post("/api/import/preview", attack.content)
            case "text":
                return self._post("/api/import", attack.content, format=attack.format)
            case "merge" | "replace" if len(attack.content) <= _BODY_BYTES:
                return self._post("/api/import", attack.content, mode=attack.door)
            case _:
                return self._uploaded(attack)

    def _post(self, path: str, content: bytes, **query: str) -> httpx.Response:
        return self._person.call("POST", path, params=query, content=content, headers=_OCTETS)

    def _uploaded(self, attack: Attack) -> httpx.Response:
        """Through an upload, and an import that goes on by itself where the file is large."""
        text_format = attack.format if attack.kind.startswith("text") else None
        is_replacing = "replace" in attack.door
        file_format = text_format or ("colpkg" if is_replacing else "apkg")
        if attack.content.startswith(b"SQLite"):
            file_format = text_format or "anki2"
        body = {"bytes": max(len(attack.content), 1), "format": file_format}
        offer = self._person.ok("POST", "/api/uploads", json=body)
        received = local_http.put(
            httpx.URL(self._base_url).join(offer["url"]),
            content=attack.content,
            headers={**_OCTETS, **offer["fields"]},
            timeout=_HANG_S,
        )
        if received.status_code != 200:
            return received
        wanted = {"upload_id": offer["upload_id"], "mode": "replace" if is_replacing else "merge"}
        return self._imported(self._person.call("POST", "/api/imports", json=wanted))

    def _imported(self, response: httpx.Response) -> httpx.Response:
        """The last answer for an import; a failure as what it is the answer of."""
        deadline = time.monotonic() + _HANG_S
        while response.status_code in (200, 202) and time.monotonic() < deadline:
            job = response.json()
            if job["state"] == "done":
                return response
            if "failure" in job:
                return httpx.Response(422, json=job["failure"])
            time.sleep(_POLL_S)
            response = self._person.call("GET", f"/api/imports/{job['import_id']}")
        return response

    def _unanswered(self, attack: Attack, error: Exception, began: float) -> Outcome:
        problem = f"no answer: {type(error).__name__} {error}"
        return Outcome(attack, 0, time.monotonic() - began, 0, 0, [problem])

    def _answer_problems(self, attack: Attack, response: httpx.Response) -> Iterator[str]:
        if response.status_code not in (200, *range(400, 500)):
            yield f"status {response.status_code}: {response.text[:200]}"
        elif response.status_code != 200 and "success" in json_of(response):
            try:
                assert_error_shape(response)
            except AssertionError as error:
                yield f"an error of another shape: {error}"
        if self._person.call("GET", "/health").status_code != 200:
            yield "the service is not well afterwards"

    def _cost_problems(self, outcome: Outcome) -> Iterator[str]:
        """By its own time: on a busy machine everything takes longer."""
        if outcome.work_s > MOST_S and outcome.status != 200:
            yield f"{outcome.work_s:.1f} s of work for a refusal"
        if outcome.peak_bytes > MOST_BYTES:
            yield f"{outcome.peak_bytes // 2**20} MB of memory"

    def _effects(self, attack: Attack, response: httpx.Response) -> list[str]:
        after = self._export()
        if response.status_code == 200 and attack.door == "media":
            return self._served_problems(response.json()["name"])
        if response.status_code == 200 and attack.door != "preview":
            problems = self._accepted_problems(attack, json_of(response), after)
            self._meet_somebody_else()
            return problems
        problems = []
        if Contents.of(after) != Contents.of(self._before):
            problems.append("the collection was changed")
        if self._media() != self._media_before or self._blobs() != self._blobs_before:
            problems.append("media was changed")
        if problems:
            self._meet_somebody_else()
        return problems

    def _accepted_problems(self, attack: Attack, answer: dict[str, Any], after: bytes) -> list[str]:
        """Whether the report says what happened, and what was taken in can be shown."""
        report = answer.get("result", answer)
        before, now = Contents.of(self._before).counts, Contents.of(after).counts
        if "replace" in attack.door and attack.format != "text":
            before = dict.fromkeys(before, 0)
        said = (report["notes"]["new"], report["cards"], report["revlog"])
        added = tuple(now[table] - before[table] for table in ("notes", "cards", "revlog"))
        problems = [] if said == added else [f"says {said} were added, and {added} were"]
        path = self._folder / f"accepted-{len(self._accepted)}.anki2"
        path.write_bytes(after)
        self._accepted[path] = f"{attack.kind}, {attack.door}"
        return [*problems, *self._shown_problems()]

    def _shown_problems(self) -> Iterator[str]:
        """Decks, cards and media of what was taken in are shown, without much work either."""
        person, work_s = self._person, self._process.work_s
        paths = ["/api/decks", "/api/cards?per_page=20", "/api/media", "/api/media/check"]
        decks = person.call("GET", "/api/decks")
        if decks.status_code == 200:
            paths += [f"/api/review/{deck['id']}?limit=5" for deck in decks.json()["decks"][:3]]
        for path in paths:
            response = person.call("GET", path)
            if response.status_code != 200:
                yield f"{response.status_code} for {path} afterwards"
        if self._process.work_s - work_s > MOST_S * len(paths):
            yield f"{self._process.work_s - work_s:.1f} s of work to show it"

    def _served_problems(self, name: str) -> list[str]:
        """How a stored file is given to a browser; then it is removed again."""
        media_url = self._person.ok("GET", "/api/media")["media_url"]
        response = local_http.get(httpx.URL(self._base_url).join(media_url + _quoted(name)))
        problems = list(_harmful_headers(response))
        self._person.ok("DELETE", "/api/media", params={"name": name})
        self._blobs_before = self._blobs()
        return problems

    def _disk_problems(self) -> Iterator[str]:
        if left := leftovers(self._folder / "tmp", self._folder / "cache"):
            yield f"left behind: {left[:3]}"
        if strange := self._log.read_text():
            self._log.write_text("")
            yield f"touched: {strange[:300]}"

    def _export(self) -> bytes:
        response = self._person.call("GET", "/api/export")
        assert response.status_code == 200, response.text
        return response.content

    def _media(self) -> Any:
        listing = self._person.ok("GET", "/api/media")
        return listing["media"], listing["usage"]

    def _blobs(self) -> set[str]:
        return files_in(self._folder / "data" / "media")


def _quoted(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode())


def _harmful_headers(response: httpx.Response) -> Iterator[str]:
    """How a browser could be brought to run it."""
    if response.status_code != 200:
        yield f"stored, and {response.status_code} when it is asked for"
        return
    headers = response.headers
    kind = headers["content-type"].partition(";")[0]
    if not kind.startswith(_SAFE_TYPES):
        yield f"served as {kind}"
    if kind in _ONLY_SAVED and not headers["content-disposition"].startswith("attachment"):
        yield f"{kind} served to be shown"
    if headers["x-content-type-options"] != "nosniff":
        yield "served without nosniff"
    policy = headers["content-security-policy"]
    if not policy.startswith("sandbox;") or "default-src 'none'" not in policy or "allow" in policy:
        yield f"served under the policy {policy}"
