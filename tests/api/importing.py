"""The two ways to import, and what somebody has afterwards."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from tests.support.content import content
from tests.support.server import Person

BYTES = {"Content-Type": "application/octet-stream"}
WAYS = ["in a request", "from an upload"]
Options = dict[str, Any]
Response = httpx.Response


def send(person: Person, way: str, file: bytes, file_format: str, **options: Any) -> Response:
    if way == "in a request":
        query = {
            name: json.dumps(value) if isinstance(value, list | bool) else value
            for name, value in ({"format": file_format} | options).items()
        }
        return person.call("POST", "/api/import", content=file, headers=BYTES, params=query)
    return person.call("POST", "/api/imports", json=wish(person, file, file_format) | options)


def wish(person: Person, file: bytes, file_format: str) -> dict[str, Any]:
    offer = person.ok("POST", "/api/uploads", json={"bytes": len(file), "format": file_format})
    person.ok("PUT", offer["url"], content=file, headers=BYTES)
    return {"upload_id": offer["upload_id"]}


def bring(person: Person, way: str, file: bytes, file_format: str = "apkg", **more: Any) -> Any:
    response = send(person, way, file, file_format, **more)
    assert response.status_code == 200, response.text
    body = response.json()
    return body if way == "in a request" else body["result"]


class Rows:
    """What somebody has, by exporting it."""

    def __init__(self, person: Person, tmp_path: Path) -> None:
        path = person.export(tmp_path / f"{person.username}-rows.anki2")
        self.content = content(path)
        with closing(sqlite3.connect(path)) as conn:
            self.notes = dict(conn.execute("SELECT guid, flds FROM notes"))
            self.tags = dict(conn.execute("SELECT guid, tags FROM notes"))
            self.types = {kind for (kind,) in conn.execute("SELECT type FROM cards")}

    @property
    def notetype(self) -> dict[str, Any]:
        """That of the first note."""
        notetype: dict[str, Any] = self.content["models"][str(self.content["notes"][0][2])]
        return notetype

    def named(self, document: str) -> dict[str, Any]:
        return {entry["name"]: entry for entry in self.content[document].values()}
