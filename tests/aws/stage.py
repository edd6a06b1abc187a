"""A stage deployed to the emulator by `javumbo deploy`, and what people and programs ask of it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from boto3 import Session

from tests.aws.ministack import ARCHITECTURE, ROOT, MiniStack
from tests.emulators.moto_server import REGION, aws_environment
from tests.support import local_http

PASSWORD = "correct horse battery"
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Done:
    """What a command said, and how it ended."""

    code: int
    out: str
    error: str


class Stage:
    """`outputs` are those of the stacks, as the last deployment kept them."""

    def __init__(self, aws: MiniStack, name: str, folder: Path) -> None:
        self._aws = aws
        self.name = name
        self._outputs = folder / f"outputs-{name}.json"

    def deploy(self, *options: str) -> Done:
        packing = ["--python", self._aws.python, "--architecture", ARCHITECTURE]
        # MiniStack knows neither budgets nor saved queries; the web client has tests of its own.
        left_out = ["--no-site", "--no-watch"]
        return self.command(
            "deploy", *packing, *left_out, "--outputs", str(self._outputs), *options
        )

    def command(self, name: str, *options: str) -> Done:
        """One of the `javumbo` commands about this stage."""
        where = ["--stage", self.name, "--endpoint-url", self._aws.address]
        done = subprocess.run(
            [sys.executable, "-m", "javumbo", name, *where, *options],
            cwd=ROOT,
            env={**os.environ, **aws_environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @property
    def outputs(self) -> dict[str, str]:
        outputs: dict[str, str] = json.loads(self._outputs.read_text())
        return outputs

    def client(self, service: str) -> Any:
        session: Any = Session("testing", "testing", region_name=REGION)
        return session.client(service, endpoint_url=self._aws.address)

    def invoke(self, function: str, event: Any) -> Any:
        """What a function answers. The test fails when the function does."""
        answer = self.client("lambda").invoke(
            FunctionName=self.outputs[f"{function}Name"], Payload=json.dumps(event)
        )
        with answer["Payload"] as payload:
            text = payload.read()
        assert "FunctionError" not in answer, text
        return json.loads(text)

    def http(self) -> httpx.Client:
        """The API as people reach it, through API Gateway."""
        return local_http.Client(
            base_url=f"{self._aws.address}/api",
            headers={"Host": f"{self.outputs['RestAPIId']}.execute-api.localhost"},
            timeout=TIMEOUT_S,
            trust_env=False,
        )


class Person:
    """Somebody who has registered, and is logged in."""

    def __init__(self, stage: Stage, username: str) -> None:
        self.username = username
        self.http = stage.http()
        self.ask("POST", "/api/register", {"username": username, "name": "A", "password": PASSWORD})
        self.log_in()

    def log_in(self) -> None:
        self.http.headers.pop("Authorization", None)
        body = {"username": self.username, "password": PASSWORD}
        token = self.ask("POST", "/api/login", body)["token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The body of an answer that must be a success."""
        answer = self.http.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def deck_with_card(self, name: str = "Geo") -> tuple[int, int]:
        deck_id = self.ask("POST", "/api/decks", {"name": name})["deck_id"]
        card = {"deck_id": deck_id, "front": "Capital of Peru?", "back": "Lima"}
        return deck_id, self.ask("POST", "/api/cards", card)["card_id"]
