"""`javumbo smoke` against the real server, whole and with one thing broken at a time."""

import json
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from chalicelib.errors import ConfigurationError
from javumbo.cli import main
from javumbo.deploy.smoke import stage_address
from javumbo.deploy.smoke_person import Person
from javumbo.deploy.smoke_run import Check, Outcome, Service, expect, run_checks
from javumbo.deploy.smoke_service import PublicFace
from javumbo.deploy.smoke_site import Site
from javumbo.site import BUILT
from javumbo.site_headers import site_headers
from tests.emulators.moto_server import (
    REGION,
    aws_environment,
    dynamodb_client,
    s3_client,
    serialised_moto,
)
from tests.emulators.tables import create_commits_table, create_users_table
from tests.support import local_http
from tests.support.server import SERVE, serving

PASSWORD = "smoke and mirrors"

Change = Callable[[httpx.Response], httpx.Response]
Outcomes = dict[str, Outcome]


class Tampering(httpx.BaseTransport):
    """The way to a server, on which the answers of some requests become others."""

    def __init__(self, method: str, path: str, change: Change, *, after: int = 0) -> None:
        """Changes what is answered to the method at the path, from the request `after` on."""
        self._inner = httpx.HTTPTransport()
        self._where = (method, path)
        self._change = change
        self._left = after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        if (request.method, request.url.path) != self._where:
            return answer
        self._left -= 1
        if self._left >= 0:
            return answer
        answer.read()
        answer.close()
        return self._change(answer)

    def close(self) -> None:
        self._inner.close()


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    assert (BUILT / "index.html").is_file(), "the web client is to be built first: make run"
    with serving(tmp_path_factory.mktemp("smoke") / "data") as address:
        yield address


def smoke(
    url: str,
    username: str,
    transport: httpx.BaseTransport | None = None,
    leave_out: Collection[str] = (),
) -> Outcomes:
    """The outcomes by the names of the checks, quicker than with the command's long pauses."""
    with Service(url, transport=transport) as service:
        person = Person(service, username, PASSWORD, pause=lambda _: None)
        checks = [
            *PublicFace(service).checks(),
            *person.checks(),
            *Site(service).checks(),
        ]
        return {outcome.name: outcome for outcome in run_checks(checks, leave_out)}


def test_the_command_finds_a_whole_service_whole_and_leaves_nothing_behind(
    base_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["smoke", "--url", base_url, "--json"]) == 0
    outcomes = json.loads(capsys.readouterr().out)
    assert {outcome["state"] for outcome in outcomes} == {"ok"}
    details = {outcome["name"]: outcome["detail"] for outcome in outcomes}
    assert len(details) == len(outcomes) == 24
    name = details["register"]
    again = {"username": name, "name": "Someone", "password": PASSWORD}
    assert local_http.post(f"{base_url}/api/register", json=again).status_code == 200


def test_the_command_shows_a_line_for_each_check_and_a_sum(
    base_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    left_out = ["--leave-out", "login", "--api-only"]
    assert main(["smoke", "--url", base_url, *left_out]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 20
    assert lines[-1] == "7 ok, 0 failed, 12 skipped"
    assert [line.split()[0] for line in lines if "health" in line] == ["ok"]


def test_where_nobody_answers_every_check_fails_and_the_code_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["smoke", "--url", "http://127.0.0.1:1", "--json"]) == 1
    outcomes = json.loads(capsys.readouterr().out)
    assert "ok" not in {outcome["state"] for outcome in outcomes}
    assert outcomes[0]["detail"].startswith("no answer: ")


@pytest.mark.parametrize(
    "arguments",
    [[], ["--url", "http://127.0.0.1:1", "--leave-out", "helth"], ["--stage", "Prod"]],
    ids=["nothing to try", "no such check", "no stage's name"],
)
def test_what_makes_no_sense_is_said_in_a_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["smoke", *arguments]) == 2
    assert capsys.readouterr().err.startswith("javumbo: ")


def with_status(status: int) -> Change:
    return lambda answer: httpx.Response(status, headers=answer.headers, content=answer.content)


def with_json(**members: Any) -> Change:
    def change(answer: httpx.Response) -> httpx.Response:
        headers = {"Content-Type": "application/json", **answer.headers}
        del headers["content-length"]
        body = {**json.loads(answer.content), **members}
        return httpx.Response(answer.status_code, headers=headers, json=body)

    return change


def without_header(name: str) -> Change:
    def change(answer: httpx.Response) -> httpx.Response:
        headers = answer.headers.copy()
        del headers[name]
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)

    return change


def with_content(content: bytes) -> Change:
    def change(answer: httpx.Response) -> httpx.Response:
        headers = answer.headers.copy()
        del headers["content-length"]
        return httpx.Response(answer.status_code, headers=headers, content=content)

    return change


def as_page(answer: httpx.Response) -> httpx.Response:
    """What error pages of a whole distribution make of an answer."""
    return httpx.Response(200, headers={"Content-Type": "text/html"}, content=b"<html>")


UNKNOWN = "/api/there-is-no-such-thing"
BROKEN: dict[str, tuple[str, str, str, Change]] = {
    "ill": ("health", "GET", "/health", with_json(status="degraded")),
    "404 becomes a page": ("unknown path", "GET", UNKNOWN, as_page),
    "404 in another shape": (
        "unknown path",
        "GET",
        UNKNOWN,
        with_content(b'{"message":"Missing Authentication Token"}'),
    ),
    "404 without CORS": (
        "unknown path",
        "GET",
        UNKNOWN,
        without_header("Access-Control-Allow-Origin"),
    ),
    "401 becomes a 403": ("no token", "GET", "/api/decks", with_status(403)),
    "preflight without headers": (
        "preflight",
        "OPTIONS",
        "/api/decks",
        without_header("Access-Control-Allow-Headers"),
    ),
    "no registration": ("register", "POST", "/api/register", with_status(503)),
    "no token given": ("login", "POST", "/api/login", with_content(b'{"success":true}')),
    "decks are lost": ("decks", "GET", "/api/decks", with_json(decks=[])),
    "two cards of one": ("cards", "POST", "/api/cards", with_json(card_id=7)),
    "answers are not counted": ("stats", "GET", "/api/stats", with_json(today={"answer_count": 0})),
    "media elsewhere": ("media", "GET", "/api/media", with_json(media_url="/media/x/")),
    "export is no collection": ("export", "GET", "/api/export", with_content(b"PK")),
    "backup is lost": ("backup", "GET", "/api/backups", with_json(backups=[])),
    "import fails": ("upload", "POST", "/api/imports", with_json(state="failed")),
    "import never ends": ("import in steps", "POST", "/api/imports", with_status(504)),
    "account goes on": ("delete account", "DELETE", "/api/account", with_json(finished=False)),
    "page without policy": ("page", "GET", "/", without_header("Content-Security-Policy")),
    "not our page": ("page", "GET", "/", with_content(b"<h1>It works!</h1>")),
    "page within is a 404": ("page at its own address", "GET", "/login", with_status(404)),
    "card may run scripts": (
        "cards' pages",
        "GET",
        "/card.html",
        without_header("Content-Security-Policy"),
    ),
    "missing asset is the page": (
        "missing asset",
        "GET",
        "/assets/there-is-no-such-file.js",
        as_page,
    ),
}
# Requests that the same path gets from checks before the one that is to fail.
AFTER = {"decks are lost": 2, "two cards of one": 1, "import never ends": 1}


@pytest.mark.parametrize("case", BROKEN)
def test_one_broken_thing_fails_its_check(base_url: str, case: str) -> None:
    check, method, path, change = BROKEN[case]
    way = Tampering(method, path, change, after=AFTER.get(case, 0))
    username = "broken-" + "".join(letter for letter in case if letter.isalnum())[:20].lower()
    # By far the slowest.
    outcomes = smoke(base_url, username, way, {"import in steps"} - {check})
    assert outcomes[check].state == "failed", outcomes[check]
    failed = {name for name, outcome in outcomes.items() if outcome.state == "failed"}
    assert failed <= {check, *CONSEQUENCES.get(case, ())}


# What fails along: the same answer is looked at by several checks.
CONSEQUENCES = {
    "401 becomes a 403": ("wrong token", "decks"),
    "no token given": ("delete account", "logout"),
}


def test_the_account_is_deleted_also_when_something_else_fails(base_url: str) -> None:
    way = Tampering("POST", "/api/decks", with_status(500))
    outcomes = smoke(base_url, "unlucky", way)
    assert outcomes["decks"].state == "failed"
    assert outcomes["review"].state == "skipped"
    assert outcomes["delete account"].state == "ok"
    login = {"username": "unlucky", "password": PASSWORD}
    assert local_http.post(f"{base_url}/api/login", json=login).status_code == 401


def test_an_https_page_needs_hsts() -> None:
    headers = {**site_headers("/index.html"), "Content-Type": "text/html; charset=utf-8"}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=headers, text='<div id="root"></div>')

    with Service("https://site.example", transport=httpx.MockTransport(answer)) as service:
        (page, *_) = run_checks(Site(service).checks())
        assert page.detail == "/ has no HSTS"
        headers["Strict-Transport-Security"] = "max-age=31536000"
        (page, *_) = run_checks(Site(service).checks())
        assert page.state == "ok"


def test_behind_a_gateways_stage_paths_follow_the_address_and_the_host_is_told() -> None:
    seen: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((str(request.url), request.headers["host"]))
        return httpx.Response(200, json={})

    transport = httpx.MockTransport(answer)
    with Service("http://127.0.0.1:4566/api/", host="abc.test", transport=transport) as service:
        service.ask("GET", "/health")
    assert seen == [("http://127.0.0.1:4566/api/health", "abc.test")]


class Outputs:
    """CloudFormation's word on two stacks."""

    def __init__(self, **outputs: dict[str, str]) -> None:
        self._outputs = outputs

    def outputs(self, name: str) -> dict[str, str]:
        return self._outputs.get(name.removeprefix("javumbo-dev-"), {})


def test_a_stage_is_tried_where_its_people_find_it_and_else_at_its_gateway() -> None:
    site, api = "https://d1.cloudfront.net", "https://abc.execute-api.example/api/"
    whole: Any = Outputs(site={"SiteURL": site}, app={"EndpointURL": api})
    without_site: Any = Outputs(app={"EndpointURL": api})
    nothing: Any = Outputs()
    assert stage_address(whole, "dev", api_only=False) == (site, True)
    assert stage_address(whole, "dev", api_only=True) == (api, False)
    assert stage_address(without_site, "dev", api_only=False) == (api, False)
    with pytest.raises(ConfigurationError, match="dev is not deployed"):
        stage_address(nothing, "dev", api_only=False)


def test_a_check_is_skipped_when_what_it_needs_has_not_succeeded() -> None:
    checks = [
        Check("first", lambda: expect(False, "broken")),
        Check("second", lambda: "never", ("first",)),
        Check("third", lambda: "seen"),
    ]
    states = {outcome.name: (outcome.state, outcome.detail) for outcome in run_checks(checks)}
    assert states == {
        "first": ("failed", "broken"),
        "second": ("skipped", "needs first"),
        "third": ("ok", "seen"),
    }


def test_files_go_through_s3_where_the_service_leads_there(tmp_path: Path) -> None:
    with serialised_moto() as endpoint:
        environ = aws_environment(endpoint) | create_stage(endpoint)
        with serving(tmp_path / "unused", SERVE, **environ) as base_url:
            outcomes = smoke(base_url, "cloud")
    assert {outcome.state for outcome in outcomes.values()} == {"ok"}, outcomes
    assert outcomes["media"].detail == "from S3"
    assert outcomes["large export"].detail == "from S3"


def create_stage(endpoint: str) -> dict[str, str]:
    """What the data stack makes; the settings that name it."""
    for bucket in ("bases", "media"):
        s3_client(endpoint).create_bucket(Bucket=bucket)
    create_users_table(dynamodb_client(endpoint), "users")
    create_commits_table(dynamodb_client(endpoint), "commits")
    session = boto3.Session("testing", "testing", region_name=REGION)
    ssm = session.client("ssm", endpoint_url=endpoint)
    ssm.put_parameter(Name="/secret", Value="s" * 64, Type="SecureString")
    return {
        "JAVUMBO_BACKEND": "aws",
        "S3_BUCKET": "bases",
        "S3_MEDIA_BUCKET": "media",
        "DYNAMODB_USERS_TABLE": "users",
        "DYNAMODB_COMMITS_TABLE": "commits",
        "SECRET_KEY_PARAMETER": "/secret",
    }
