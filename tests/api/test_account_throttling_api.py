"""How often a password may be tried, by whom and from where."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.api.source_address import source_address
from chalicelib.errors import StorageUnavailableError, TooManyRequestsError
from tests.api.account_world import PASSWORD, World, outcome
from tests.support import local_http
from tests.support.server import Person, assert_error_shape, serving

SECRET = "o" * 32
WRONG = "a wrong password"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "data")
    assert outcome(world.register()) == "ok"
    return world


@pytest.mark.parametrize("username", ["ana", "nobody", "", "\u0130x" * 500])
def test_after_ten_wrong_passwords_a_name_waits_known_or_not(world: World, username: str) -> None:
    answers = [outcome(world.log_in(username, WRONG)) for _ in range(12)]
    assert answers == ["invalid_credentials"] * 10 + ["too_many_requests"] * 2
    waiting = world.log_in(username, WRONG)
    assert isinstance(waiting, TooManyRequestsError)
    assert waiting.retry_after_s == 1


def test_no_password_is_looked_at_while_a_name_waits(world: World) -> None:
    for _ in range(10):
        world.log_in("ana", WRONG)
    assert len(world.hasher.costs) == 10
    assert outcome(world.log_in("ana", PASSWORD)) == "too_many_requests"
    assert len(world.hasher.costs) == 10


def test_the_right_person_gets_in_after_the_wait_as_often_as_they_like(world: World) -> None:
    for _ in range(12):
        world.log_in("ANA", WRONG)
    world.now_ms += 1000
    assert [outcome(world.log_in()) for _ in range(30)] == ["ok"] * 30
    # And yet that was no pardon for who tries wrong ones.
    assert outcome(world.log_in("ana", WRONG)) == "invalid_credentials"
    assert world.log_in("ana", WRONG).retry_after_s == 2


def test_right_passwords_never_count(world: World) -> None:
    assert [outcome(world.log_in()) for _ in range(120)] == ["ok"] * 120


def test_other_names_do_not_wait(world: World) -> None:
    world.register("bob")
    for _ in range(12):
        world.log_in("ana", WRONG)
    assert outcome(world.log_in("bob")) == "ok"
    assert outcome(world.log_in("bob", WRONG)) == "invalid_credentials"


def test_a_hundred_wrong_passwords_of_an_address_stop_it_for_all_names(world: World) -> None:
    wrong = [outcome(world.log_in(f"name{number}", WRONG)) for number in range(101)]
    assert wrong == ["invalid_credentials"] * 100 + ["too_many_requests"]
    stopped = world.log_in("ana", PASSWORD)
    assert stopped.retry_after_s == 900
    # From elsewhere the name is as good as ever: what was refused did not count for it.
    for _ in range(30):
        world.log_in("ana", WRONG)
    assert outcome(world.log_in("ana", ip="198.51.100.7")) == "ok"
    world.now_ms += 900_000
    assert outcome(world.log_in("ana")) == "ok"


def test_right_passwords_do_not_pardon_wrong_ones_of_the_same_address(world: World) -> None:
    for number in range(100):
        world.log_in(f"name{number}", WRONG)
        if number < 99:
            assert outcome(world.log_in()) == "ok"
    assert outcome(world.log_in()) == "too_many_requests"


def test_sixty_registrations_of_an_address_are_enough_for_an_hour(world: World) -> None:
    bad = {"username": "!", "name": "", "password": ""}
    for _ in range(5):
        assert outcome(world.call("POST /register", bad)) == "invalid_input"
    taken = [outcome(world.register("ana")) for _ in range(59)]
    assert taken == ["username_taken"] * 59
    refused = world.register("new.one")
    assert (outcome(refused), refused.retry_after_s) == ("too_many_requests", 3600)
    assert outcome(world.register("new.one", ip="198.51.100.7")) == "ok"
    world.now_ms += 3_600_000
    assert outcome(world.register("new.two")) == "ok"


@pytest.mark.parametrize(
    ("route", "field"),
    [("POST /api/account/password", "current_password"), ("DELETE /api/account", "password")],
)
def test_a_wrong_password_inside_counts_like_one_at_the_door(
    world: World, route: str, field: str
) -> None:
    more = {"new_password": "battery staple"} if "new" in route or "password" in route else {}
    ana = world.user()
    answers = [outcome(world.call(route, {field: WRONG, **more}, caller=ana)) for _ in range(11)]
    assert answers == ["invalid_credentials"] * 10 + ["too_many_requests"]
    assert outcome(world.log_in()) == "too_many_requests"
    assert outcome(world.call(route, {field: PASSWORD, **more}, caller=ana)) == "too_many_requests"
    assert world.user() == ana


def test_an_outage_in_the_middle_of_a_try_does_not_count(world: World) -> None:
    users = world.services.users
    database = Path(world.services.settings.data_dir) / "admin.db"
    kept = database.read_bytes()
    database.unlink()
    for _ in range(30):
        assert isinstance(world.log_in(), StorageUnavailableError)
    database.write_bytes(kept)
    assert users.get("ana")
    assert outcome(world.log_in("ana", WRONG)) == "invalid_credentials"


def test_a_hundred_wrong_passwords_at_once_get_ten_looks(world: World) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = Counter(pool.map(lambda _: outcome(world.log_in("ana", WRONG)), range(100)))
    assert answers == {"invalid_credentials": 10, "too_many_requests": 90}
    assert len(world.hasher.costs) == 10
    world.now_ms += 1000
    assert outcome(world.log_in()) == "ok"


def test_looks_at_the_strength_of_passwords_have_a_limit_of_their_own(tmp_path: Path) -> None:
    world = World(tmp_path / "data", ADDRESS_MAX_PASSWORD_CHECKS="3")
    route, body = "POST /api/password-strength", {"password": PASSWORD}
    answers = [outcome(world.call(route, body)) for _ in range(4)]
    assert answers == ["ok", "ok", "ok", "too_many_requests"]
    assert outcome(world.register()) == "ok"
    assert outcome(world.log_in()) == "ok"


@pytest.mark.parametrize(
    ("ip", "headers", "address"),
    [
        ("203.0.113.5", {}, "203.0.113.5"),
        ("203.0.113.5", {"x-forwarded-for": "1.2.3.4"}, "203.0.113.5"),
        ("203.0.113.5", {"cloudfront-viewer-address": "1.2.3.4:5"}, "203.0.113.5"),
        (
            "203.0.113.5",
            {"cloudfront-viewer-address": "1.2.3.4:5", "x-origin-secret": "é" * 16},
            "203.0.113.5",
        ),
        (
            "203.0.113.5",
            {"cloudfront-viewer-address": "1.2.3.4:5", "x-origin-secret": SECRET},
            "1.2.3.4",
        ),
        (
            "203.0.113.5",
            {"cloudfront-viewer-address": "2001:db8:1:2:3:4:5:6:443", "x-origin-secret": SECRET},
            "2001:db8:1:2::/64",
        ),
        (
            "203.0.113.5",
            {"cloudfront-viewer-address": "[2001:db8::1]:443", "x-origin-secret": SECRET},
            "2001:db8::/64",
        ),
        ("203.0.113.5", {"x-origin-secret": SECRET}, "203.0.113.5"),
        (
            "203.0.113.5",
            {"cloudfront-viewer-address": "nonsense", "x-origin-secret": SECRET},
            "203.0.113.5",
        ),
        ("2001:db8:1:2:ffff::9", {}, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", {}, "203.0.113.5"),
        ("", {}, ""),
    ],
)
def test_an_address_is_the_other_end_unless_cloudfront_proves_to_be_that(
    tmp_path: Path, ip: str, headers: dict[str, str], address: str
) -> None:
    world = World(tmp_path / "data", ORIGIN_SECRET=SECRET)
    assert source_address(world.request(ip=ip, headers=headers)) == address


def test_without_the_setting_no_header_proves_anything(world: World) -> None:
    for sent in ("", SECRET):
        headers = {"cloudfront-viewer-address": "1.2.3.4:5", "x-origin-secret": sent}
        assert source_address(world.request(headers=headers)) == "203.0.113.5"


@pytest.fixture(scope="module")
def strict_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose only patience is with registrations."""
    with serving(tmp_path_factory.mktemp("strict") / "data", ADDRESS_MAX_FAILURES="30") as url:
        yield url


def test_over_http_the_wait_is_told_and_a_made_up_address_does_not_help(strict_url: str) -> None:
    person = Person(strict_url, "over.http")

    def wrong(number: int) -> httpx.Response:
        headers = {"X-Forwarded-For": f"10.0.0.{number}", "X-Origin-Secret": ""}
        body = {"username": person.username, "password": WRONG}
        return local_http.post(f"{strict_url}/login", json=body, headers=headers, timeout=60)

    with ThreadPoolExecutor(16) as pool:
        answers: list[Any] = list(pool.map(wrong, range(29)))
    # Those that came later than a second had their wait behind them.
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 10
    assert {answer.status_code for answer in answers} == {401, 429}
    for answer in refused:
        assert_error_shape(answer)
        assert answer.json()["error"] == "too_many_requests"
        assert int(answer.headers["retry-after"]) >= 1
    other = Person(strict_url, "somebody.else")
    other.close()
    person.close()
