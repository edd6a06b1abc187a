"""What everybody gets from the API: health, refusals in the contract's shape, CORS."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.api.http import ALLOWED_HEADERS
from javumbo.deploy.smoke_run import Check, Service, expect

_ERROR_MEMBERS = {"success", "error", "message", "request_id"}
# A browser that goes there: it must get the API's own answer, no page of the client.
_BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class PublicFace:
    """The checks that need no account."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def checks(self) -> Sequence[Check]:
        return (
            Check("health", self.health),
            Check("unknown path", self.unknown_path),
            Check("no token", self.no_token),
            Check("wrong token", self.wrong_token),
            Check("preflight", self.preflight),
        )

    def health(self) -> str:
        answer = self._service.json("GET", "/health")
        expect(answer["status"] == "healthy", f"the status is {answer['status']!r}")
        return f"version {answer['version']}"

    def unknown_path(self) -> None:
        answer = self._service.ask("GET", "/api/there-is-no-such-thing", 404, headers=_BROWSER)
        _expect_error(answer.json(), "not_found")
        _expect_cors(answer.headers)

    def no_token(self) -> None:
        answer = self._service.ask("GET", "/api/decks", 401, headers=_BROWSER)
        _expect_error(answer.json(), "unauthorized")
        _expect_cors(answer.headers)

    def wrong_token(self) -> None:
        login = {"Authorization": "Bearer none.of.ours"}
        answer = self._service.ask("GET", "/api/decks", 401, headers=login)
        _expect_error(answer.json(), "unauthorized")

    def preflight(self) -> None:
        headers = {
            "Origin": self._service.url,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": ", ".join(ALLOWED_HEADERS),
        }
        answer = self._service.ask("OPTIONS", "/api/decks", headers=headers)
        _expect_cors(answer.headers)
        allowed = answer.headers.get("Access-Control-Allow-Headers", "").lower()
        missing = [name for name in ALLOWED_HEADERS if name.lower() not in allowed]
        expect(not missing, f"{', '.join(missing)} may not be sent by a browser")


def _expect_error(body: Any, code: str) -> None:
    expect(set(body) >= _ERROR_MEMBERS, f"not the shape of an error: {sorted(body)}")
    expect(body["success"] is False, "an error says that it is a success")
    expect(body["error"] == code, f"the code is {body['error']!r}, not {code!r}")


def _expect_cors(headers: Mapping[str, str]) -> None:
    expect(headers.get("Access-Control-Allow-Origin"), "there is no Access-Control-Allow-Origin")
