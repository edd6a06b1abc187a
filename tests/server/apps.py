"""A Chalice app that misbehaves in every way that the local server must cope with."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chalice.app import AuthRequest, AuthResponse, Chalice, CORSConfig, Response

from chalicelib.api.http import in_contract_shape
from chalicelib.errors import StorageUnavailableError

ORIGIN = "https://cards.example"
BYTES = "application/octet-stream"


@dataclass
class Gate:
    """Lets a test hold a view in the middle of a request."""

    entered: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)


def make_app(gate: Gate | None = None) -> Chalice:
    app = Chalice(app_name="tests", configure_logs=False, env={})
    app.api.cors = CORSConfig(allow_origin=ORIGIN, allow_headers=["Authorization"])
    _add_plain_routes(app, gate or Gate())
    _add_byte_routes(app)
    _add_broken_routes(app)
    _add_protected_routes(app)
    return app


def current(app: Chalice) -> Any:
    """Its request, inside a view."""
    return app.current_request


def _add_plain_routes(app: Chalice, gate: Gate) -> None:
    @app.route("/ping")
    def ping() -> dict[str, Any]:
        return {"success": True}

    @app.route("/things/{thing_id}", methods=["GET", "PUT"])
    def thing(thing_id: str) -> dict[str, Any]:
        return {"id": thing_id, "body": current(app).json_body}

    @app.route("/seen")
    def seen() -> dict[str, Any]:
        request = current(app)
        query = request.query_params or {}
        return {
            "address": request.context["identity"]["sourceIp"],
            "path": request.context["path"],
            "request_id": request.lambda_context.aws_request_id,
            "headers": dict(request.headers),
            "query": {name: request.query_params.getlist(name) for name in query},
        }

    @app.route("/echo/{word}")
    def echo(word: str) -> dict[str, Any]:
        before = (current(app).uri_params["word"], app.lambda_context.aws_request_id)
        time.sleep(0.001)
        after = (current(app).uri_params["word"], app.lambda_context.aws_request_id)
        own = current(app).lambda_context.aws_request_id
        return {"words": [word, before[0], after[0]], "contexts": [own, before[1], after[1]]}

    @app.route("/gate")
    def held() -> dict[str, Any]:
        gate.entered.set()
        gate.opened.wait(30)
        gate.left.set()
        return {"success": True}


def _add_byte_routes(app: Chalice) -> None:
    @app.route("/bytes", methods=["POST"], content_types=[BYTES])
    def reverse() -> Response:
        return Response(current(app).raw_body[::-1], headers={"Content-Type": BYTES})

    @app.route("/size", methods=["POST"], content_types=[BYTES, "application/json"])
    def size() -> dict[str, Any]:
        return {"size": len(current(app).raw_body)}

    @app.route("/cookies")
    def cookies() -> Response:
        return Response({"success": True}, headers={"Set-Cookie": ["a=1", "b=2"]})


def _add_broken_routes(app: Chalice) -> None:
    answers: dict[str, Callable[[], Any]] = {
        "header": lambda: Response("{}", headers={"X-Deck": "日本"}),
        "hop": lambda: Response("{}", headers={"Connection": "upgrade"}),
        "status": lambda: Response("{}", status_code=799),
        "text": lambda: Response("\ud800"),
        "nothing": lambda: None,
    }

    @app.route("/broken/{how}")
    def broken(how: str) -> Any:
        return answers[how]()

    @app.middleware("http")
    def broken_middleware(request: Any, get_response: Callable[[Any], Response]) -> Any:
        if request.headers.get("x-break") == "dict":
            return {"not": "a response"}
        return get_response(request)

    @app.middleware("http")
    def contract_shape(request: Any, get_response: Callable[[Any], Response]) -> Response:
        request_id = request.lambda_context.aws_request_id
        return in_contract_shape(get_response(request), ORIGIN, request_id)


def _add_protected_routes(app: Chalice) -> None:
    @app.authorizer()
    def tokens(request: AuthRequest) -> Any:
        if request.token == "Bearer storage":
            raise StorageUnavailableError
        if request.token == "Bearer bug":
            raise RuntimeError("secret words")
        if request.token == "Bearer nothing":
            return None
        user = request.token.removeprefix("Bearer user-")
        return AuthResponse(["*"] if user != request.token else [], user)

    @app.route("/protected", authorizer=tokens)
    def protected() -> dict[str, Any]:
        return {"user": current(app).context["authorizer"]["principalId"]}
