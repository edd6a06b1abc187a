"""Every function of a stage at its work, as widely as a test can have it."""

import random
import string

from chalicelib.accounts.dynamodb import DynamoDBUserRepository
from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.ops.private_events import private_event
from chalicelib.storage import Owner
from tests.api.tour import _NOTES, BYTES, Tour
from tests.emulators.moto_server import dynamodb_client
from tests.ops.stage import BUCKET, MEDIA_BUCKET, USERS, Stage
from tests.support import local_http
from tests.support.server import Person
from tests.transfers.packages import write_package

# More than is imported while its sender waits.
LARGE = 5_000_000
SCHEDULED = {
    "version": "0",
    "account": "123456789012",
    "region": "us-east-1",
    "detail": {},
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "time": "2026-01-01T00:00:00Z",
    "id": "1",
    "resources": [],
}


class AwsTour(Tour):
    """As everybody's, with files that go to S3 and come from there."""

    def _media(self) -> None:
        ok, name = self.ana.ok, {"name": "perro.png"}
        ok("POST", "/api/media", params=name, content=b"a picture", headers=BYTES)
        address = ok("GET", "/api/media")["media_url"]
        assert self.ana.call("GET", f"{address}perro.png").status_code == 302
        ok("GET", "/api/media/check")
        ok("PUT", "/api/media", params=name, json={"name": "dog.png"})
        ok("DELETE", "/api/media", params={"name": "dog.png"})

    def _moving(self) -> None:
        ok = self.ana.ok
        file = self.ana.call("GET", "/api/export").content
        ok("POST", "/api/import", params={"format": "txt"}, content=_NOTES, headers=BYTES)
        upload_id = upload(self.ana, file, len(file))
        ok("POST", "/api/imports", json={"upload_id": upload_id, "mode": "replace"})
        backup_id = ok("POST", "/api/backups")["backup"]["id"]
        ok("GET", f"/api/backups/{backup_id}")
        self.ana.call("GET", f"/api/backups/{backup_id}/file")
        ok("POST", f"/api/backups/{backup_id}/restore")

    def _leaving(self) -> None:
        _fill(self.ana)
        _exported(self.ana)
        super()._leaving()


def upload(person: Person, file: bytes, size: int, file_format: str = "anki2") -> str:
    """The id of a file sent to S3 as the service says."""
    offer = person.ok("POST", "/api/uploads", json={"bytes": size, "format": file_format})
    sent = local_http.post(offer["url"], data=offer["fields"], files={"file": file})
    assert sent.status_code == 204
    upload_id: str = offer["upload_id"]
    return upload_id


def work(stage: Stage) -> None:
    """Have every function do all that it does."""
    with stage.api_handler() as base_url:
        AwsTour(base_url, "ana").run()
        bob = Person(base_url, "bob", sample_deck=False)
        _fill(bob)
        imports = [_begin_import(bob, package(stage)), _begin_import(bob, package(stage))]
        _meet_foreign_file(stage, bob)
        _end_half(stage, base_url)
        token = bob.http.headers["Authorization"]
        bob.close()
    owner = Owner("bob", generation_of(stage, "bob"))
    _fold(stage, owner, imports[0])
    stage.invoke("jwt_auth", token_event(token))
    stage.invoke("api_handler", private_event("warm", hold_ms=0, resume=True))
    stage.invoke("warm", SCHEDULED, fails=True)  # no function is there
    stage.invoke("sweep", SCHEDULED)
    _leave_behind(stage, owner)
    stage.invoke("upkeep", SCHEDULED)


def generation_of(stage: Stage, username: str) -> str:
    key = {"username": {"S": username}}
    item = dynamodb_client(stage.endpoint).get_item(TableName=USERS, Key=key)["Item"]
    return item["generation"]["S"]


def token_event(token: str) -> dict[str, str]:
    arn = "arn:aws:execute-api:us-east-1:123456789012:abc/api/GET/api/decks"
    return {"type": "TOKEN", "authorizationToken": token, "methodArn": arn}


def _fill(person: Person) -> None:
    """More than a segment of the log holds, and a media file."""
    words = random.Random(1)
    lines = ("".join(words.choices(string.printable[:62], k=200)) + "\tb" for _ in range(1500))
    query = {"format": "txt"}
    person.ok("POST", "/api/import", params=query, content="\n".join(lines), headers=BYTES)
    name = {"name": "a.png"}
    person.ok("POST", "/api/media", params=name, content=b"a picture", headers=BYTES)


def package(stage: Stage) -> bytes:
    """With a media file."""
    return write_package(stage.folder / "package.apkg", files=2, size=100).read_bytes()


def _begin_import(person: Person, file: bytes) -> str:
    upload_id = upload(person, file, LARGE, "apkg")
    begun = person.call("POST", "/api/imports", json={"upload_id": upload_id})
    assert begun.json()["state"] == "waiting"
    return upload_id


def _exported(person: Person) -> bytes:
    """The collection, which is larger than an answer may be."""
    return local_http.get(person.ok("GET", "/api/export")["url"]).content


def _meet_foreign_file(stage: Stage, person: Person) -> None:
    """Somebody put another file in the place of the collection, by hand."""
    file = _exported(person)
    person.card(1, "made since")
    stage.s3.put_object(Bucket=BUCKET, Key="user_dbs/bob.anki2", Body=file)
    person.card(1, "made afterwards")


def _end_half(stage: Stage, base_url: str) -> None:
    """An account that has begun to end, with something in every place where a person has it."""
    carol = Person(base_url, "carol", sample_deck=False)
    carol.card(1, "something")
    carol.ok("POST", "/api/media", params={"name": "a"}, content=b"a", headers=BYTES)
    carol.close()
    users = DynamoDBUserRepository(USERS, PasswordHasher(4), dynamodb_client(stage.endpoint))
    user = users.get("carol")
    assert user
    users.begin_ending(user, 0)
    folder = f"carol/{user.generation}"
    for place in ("segments", "media_segments", "conflicts", "media_conflicts"):
        stage.s3.put_object(Bucket=BUCKET, Key=f"{place}/{folder}/1-tx.pages")
    for place in ("backups", "jobs", "jobs_open"):
        stage.s3.put_object(Bucket=BUCKET, Key=f"{place}/{folder}/one")
    for place in ("uploads", "downloads"):
        stage.s3.put_object(Bucket=MEDIA_BUCKET, Key=f"{place}/{folder}/one")


def _leave_behind(stage: Stage, owner: Owner) -> None:
    """What nobody came back for."""
    folder = f"{owner.username}/{owner.generation}"
    old = "1000000000000-100-apkg-b05ef1236eb7f860523c0d3c"
    for place in ("jobs", "jobs_open"):
        stage.s3.put_object(Bucket=BUCKET, Key=f"{place}/{folder}/{old}")
    for backup in ("1000000000000-daily", "1000000000001-daily"):
        stage.s3.put_object(Bucket=BUCKET, Key=f"backups/{folder}/{backup}.anki2")
    for place in ("uploads", "downloads"):
        stage.s3.put_object(Bucket=MEDIA_BUCKET, Key=f"{place}/{folder}/{old}")
    blob = f"{'0' * 64}-1000000000000-{'0' * 16}"
    stage.s3.put_object(Bucket=MEDIA_BUCKET, Key=f"media/{folder}/{blob}")


def _fold(stage: Stage, owner: Owner, import_id: str) -> None:
    registration = {"username": owner.username, "generation": owner.generation}
    for space in ("", "media"):
        stage.invoke("fold", {"fold": {**registration, "space": space}})
    stage.invoke("fold", {"import_step": {**registration, "import_id": import_id}})
