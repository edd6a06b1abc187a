"""Some people who do, one after the other, what people do in a month."""

import base64
import importlib
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

from benchmarks.aws_requests import AwsMeter
from benchmarks.collections import SIZES, make
from benchmarks.lambda_events import Call, LambdaContext, answered, authorization, body_of, event_of
from benchmarks.operations_figures import Measured, OperationFigures
from chalicelib.api.account_ending import sweep_endings
from chalicelib.media.sweeping import sweep_media
from chalicelib.ops.private_events import private_event
from chalicelib.services import default_services
from chalicelib.storage import Owner
from tests.emulators.moto_server import s3_client

BCRYPT_ROUNDS = 10
PEOPLE = 5
_ANSWERS, _NOTES = 22, 4
_PASSWORD = "correct horse battery staple"  # noqa: S105
_MEDIA_BYTES = 30_000
_APKG = {"format": "apkg"}


@dataclass(frozen=True, slots=True)
class MeasuredPeople:
    """What came out, by operation, and how large the things are that lie in S3."""

    operations: list[OperationFigures]
    collection_bytes: int
    backup_bytes: int
    media_bytes: int


def measured_people(bucket: str) -> MeasuredPeople:
    """Every operation of some people on collections of 1 MB, in the stage of the environment."""
    meter = AwsMeter()
    with meter.listening(), tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "collection.anki2")
        make(file, SIZES[1])
        session = _Session(meter, bucket, file.read_bytes())
        for number in range(PEOPLE):
            session.month_of(f"person-{number}")
        session.upkeep()
        figures = [OperationFigures.of(name, calls) for name, calls in session.calls.items()]
        figures += [
            OperationFigures.of(name, calls, PEOPLE) for name, calls in session.of_all.items()
        ]
        return MeasuredPeople(figures, file.stat().st_size, session.backup_bytes(), _MEDIA_BYTES)


def person_with_collection(
    app: ModuleType, username: str, bucket: str, collection: bytes
) -> tuple[str, dict[str, Any]]:
    """Somebody new in the stage of the environment; the token, and what the authorizer says.

    The collection is put into the bucket by hand, and adopted.
    """

    def sent(method: str, path: str, body: Any = None) -> Any:
        return answered(event_of(Call(method, path, body), app), app)

    sent("POST", "/api/register", _account(username))
    token = body_of(sent("POST", "/api/login", _login(username)))["token"]
    caller = authorization(app, token)
    s3_client(os.environ["AWS_ENDPOINT_URL"]).put_object(
        Bucket=bucket, Key=f"user_dbs/{username}.anki2", Body=collection
    )
    default_services().storage.fold(Owner(caller["principalId"], caller["generation"]))
    return token, caller


class _Session:
    def __init__(self, meter: AwsMeter, bucket: str, collection: bytes) -> None:
        self.calls: dict[str, list[Measured]] = defaultdict(list)
        self.of_all: dict[str, list[Measured]] = {}
        self._meter = meter
        self._bucket = bucket
        self._collection = collection
        self._app: ModuleType = importlib.import_module("app")
        self._services = default_services()
        self._due: list[Any] = []
        self._services.storage.on_fold_due(self._due.append)
        self._keys = (str(UUID(int=number)) for number in range(1, 10**9))
        self._caller: dict[str, Any] | None = None
        self._package = self._warmed_up()

    def month_of(self, username: str) -> None:
        """Everything that a person does, each thing at least once."""
        self._caller = None
        self._do("register", Call("POST", "/api/register", _account(username)))
        token = self._do("login", Call("POST", "/api/login", _login(username)))["token"]
        self._caller = self._measure("authorize", partial(authorization, self._app, token))
        self._change("import", Call("POST", "/api/import", self._package, _APKG))
        # The sample deck and what was brought in are due for a fold; the next ones are studying's.
        self._fold()
        self._study()
        self._write()
        self._carry()
        self._do("logout", Call("POST", "/api/logout", {}))

    def upkeep(self) -> None:
        """What the schedules do: for people who studied, and when nobody did."""
        services = self._services
        sweeper, storage = services.backup_sweeper, services.storage
        for name, work in (
            ("daily copies", sweeper.sweep),
            ("sweep", storage.sweep),
            ("second sweep", storage.sweep),
            ("media sweep", partial(sweep_media, storage, services.media)),
        ):
            self.of_all[name] = [self._taken(work)[0]]
        self._measure("endings", partial(sweep_endings, services))
        self._measure("transfers", services.imports.sweep)
        order = private_event("warm", hold_ms=0, resume=True)
        self._measure("warming", partial(self._app.app, order, LambdaContext()))

    def backup_bytes(self) -> int:
        """The mean size of the last person's backups."""
        backups = body_of(self._send(Call("GET", "/api/backups")))["backups"]
        return int(sum(one["bytes"] for one in backups) // len(backups))

    def _warmed_up(self) -> bytes:
        """A package of the collection that everybody brings in.

        The first requests import boto3 and connect; that is a cold start's affair.
        """
        self._caller = person_with_collection(self._app, "warm", self._bucket, self._collection)[1]
        self._send(Call("GET", "/api/stats"))
        package = self._send(Call("GET", "/api/export", query=_APKG))
        self._services.storage.sweep()
        return base64.b64decode(package["body"])

    def _study(self) -> None:
        self._do("account", Call("GET", "/api/account"))
        self._do("decks", Call("GET", "/api/decks"))
        for deck in body_of(self._send(Call("GET", "/api/decks")))["decks"]:
            self._meter.taken()
            queue = self._do("queue", _queue(deck["id"]))
            for card in queue["cards"][:_ANSWERS]:
                self._change("answer", Call("POST", "/api/review", _answer(card, deck["id"])))
        self._change("undo", Call("POST", "/api/undo", {}))
        self._do("statistics", Call("GET", "/api/stats", query={"days": "31"}))
        # Folds are due each some fifty answers; one more for everybody, after what there is.
        self._fold()

    def _write(self) -> None:
        for number in range(_NOTES):
            note = {"deck_id": 1, "front": f"word {number}", "back": "its meaning " * 5}
            card_id = self._change("add", Call("POST", "/api/cards", note))["card_id"]
        self._change("edit", Call("PUT", f"/api/cards/{card_id}", {"back": "another meaning"}))
        self._do("search", Call("GET", "/api/cards", query={"q": "is:due"}))

    def _carry(self) -> None:
        """The collection out, and a picture in and out again."""
        self._do("export", Call("GET", "/api/export", query=_APKG))
        picture = Call("POST", "/api/media", bytes(_MEDIA_BYTES), {"name": "picture.png"})
        self._change("media upload", picture)
        address = body_of(self._send(Call("GET", "/api/media")))["media_url"]
        self._meter.taken()
        self._measure(
            "media", partial(self._send, Call("GET", f"{address}picture.png"), anonymous=True)
        )

    def _change(self, name: str, call: Call) -> Any:
        headers = {"idempotency-key": next(self._keys)}
        answer = self._do(name, replace(call, headers=headers))
        if self._due:
            self._fold()
        return answer

    def _fold(self) -> None:
        caller = self._caller or {}
        owner = Owner(caller["principalId"], caller["generation"])
        self._due.clear()
        self._measure("fold", partial(self._services.storage.fold, owner))

    def _do(self, name: str, call: Call) -> Any:
        answer = self._measure(name, partial(self._send, call))
        return body_of(answer) if not answer.get("isBase64Encoded") else answer

    def _measure(self, name: str, work: Callable[[], Any]) -> Any:
        """Do it; it counts as one call of that name."""
        measured, result = self._taken(work)
        self.calls[name].append(measured)
        return result

    def _taken(self, work: Callable[[], Any]) -> tuple[Measured, Any]:
        self._meter.taken()
        began = time.process_time()
        result = work()
        cpu_ms = (time.process_time() - began) * 1000
        return Measured(cpu_ms, self._meter.taken(), _body_bytes(result)), result

    def _send(self, call: Call, *, anonymous: bool = False) -> Any:
        event = event_of(call, self._app, None if anonymous else self._caller)
        return answered(event, self._app)


def _account(username: str) -> dict[str, Any]:
    return {**_login(username), "name": "A Person"}


def _login(username: str) -> dict[str, Any]:
    return {"username": username, "password": _PASSWORD, "utc_offset_minutes": -180}


def _queue(deck_id: int) -> Call:
    return Call("GET", f"/api/review/{deck_id}", query={"limit": "30"})


def _answer(card: dict[str, Any], deck_id: int) -> dict[str, Any]:
    """As the web client sends it."""
    return {
        "card_id": card["id"],
        "rating": 3,
        "answer_token": card["answer_token"],
        "time_taken_ms": 6_000,
        "deck_id": deck_id,
    }


def _body_bytes(result: Any) -> int:
    """What an answer sends; nothing for what is none."""
    body = result.get("body") if isinstance(result, dict) else None
    if not body:
        return 0
    return len(base64.b64decode(body)) if result.get("isBase64Encoded") else len(body.encode())
