"""Logging in and out, and what is kept of it where."""

import json
import stat
from pathlib import Path

import pytest

from javumbo.client import (
    FileProblemError,
    Login,
    NotLoggedInError,
    config_folder,
    default_server,
    load_login,
    save_login,
)
from javumbo.serve import DEFAULT_HOST, DEFAULT_PORT
from tests.client.conftest import FAR_AWAY_MS, Cli
from tests.client.stub import Stub, ok, refused
from tests.support.server import PASSWORD, Person

LOGGED_IN = ok(token="secret-token", username="ada", name="Ada", expires_at=FAR_AWAY_MS)


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_login_is_kept_for_its_owner_only_and_shown_to_nobody(
    cli: Cli, base_url: str, person: Person, config: Path
) -> None:
    ran = cli(
        "login", base_url, "--username", person.username, "--password-stdin", stdin=PASSWORD + "\n"
    )
    assert ran.code == 0
    assert f"Logged in at {base_url} as {person.username}" in ran.out
    token = json.loads((config / "login.json").read_text())["token"]
    assert token not in ran.out + ran.err
    assert PASSWORD not in (config / "login.json").read_text()
    assert permissions(config / "login.json") == 0o600
    assert permissions(config) == 0o700
    assert cli("decks").code == 0


def test_a_new_login_takes_the_place_of_a_file_that_others_could_read(config: Path) -> None:
    config.mkdir()
    (config / "login.json").write_text("old")
    (config / "login.json").chmod(0o644)
    save_login(Login("http://x", "ada", "t", FAR_AWAY_MS), config)
    assert permissions(config / "login.json") == 0o600
    assert [path.name for path in config.iterdir()] == ["login.json"]
    assert load_login(config).token == "t"


def test_the_password_may_come_from_the_environment(
    cli: Cli, base_url: str, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVUMBO_PASSWORD", PASSWORD)
    assert cli("login", base_url, "-u", person.username).code == 0


def test_without_a_terminal_nothing_is_asked(cli: Cli, base_url: str, stub: Stub) -> None:
    for arguments in (["-u", "ada"], ["--password-stdin"]):
        ran = cli("login", stub.url, *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("javumbo: There is no terminal to ask at")
    assert stub.asked == []


def test_a_wrong_password_is_refused_and_keeps_the_old_login(
    ada: Cli, base_url: str, person: Person, config: Path
) -> None:
    before = (config / "login.json").read_bytes()
    ran = ada("login", base_url, "-u", person.username, "--password-stdin", stdin="wrong wrong")
    assert (ran.code, ran.err) == (1, "javumbo: The username or the password is wrong.\n")
    assert (config / "login.json").read_bytes() == before


def test_a_password_that_would_be_readable_on_its_way_is_warned_of(
    cli: Cli, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.answers(LOGGED_IN)
    assert cli("login", stub.url, "-u", "ada", "--password-stdin", stdin="x").err == ""
    ran = cli("login", "http://192.0.2.1:1", "--password-stdin")
    assert "unencrypted" not in ran.err  # nothing is sent: there is nobody to ask for the name
    monkeypatch.setattr("javumbo.commands.login.log_in", lambda *_: Login("http://x", "a", "t", 1))
    ran = cli("login", "http://192.0.2.1:1", "-u", "ada", "--password-stdin", stdin="x")
    assert ran.err == "javumbo: warning: the password goes to http://192.0.2.1:1 unencrypted.\n"


@pytest.mark.parametrize("command", [["decks"], ["add", "D", "a", "b"], ["stats"], ["export"]])
def test_without_a_login_a_command_ends_with_3(cli: Cli, command: list[str]) -> None:
    ran = cli(*command)
    assert (ran.code, ran.err) == (3, "javumbo: You are not logged in: javumbo login.\n")


@pytest.mark.parametrize("content", ["", "{}", "[]", "{", '{"server": 5}', "\x00"])
def test_a_broken_file_is_no_login(cli: Cli, config: Path, content: str) -> None:
    config.mkdir()
    (config / "login.json").write_text(content)
    assert cli("decks").code == 3


def test_a_login_that_has_expired_is_not_sent(cli: Cli, config: Path, stub: Stub) -> None:
    save_login(Login(stub.url, "ada", "t", 1_000), config)
    ran = cli("decks")
    assert (ran.code, ran.err) == (3, "javumbo: Your login has expired: javumbo login.\n")
    assert stub.asked == []


def test_a_token_that_the_service_refuses_ends_with_3(
    cli: Cli, config: Path, base_url: str
) -> None:
    save_login(Login(base_url, "ada", "forged", FAR_AWAY_MS), config)
    ran = cli("decks")
    assert (ran.code, ran.out) == (3, "")
    assert "not logged in" in ran.err


def test_logging_out_revokes_the_token_and_forgets_it(
    stubbed: Cli, stub: Stub, config: Path
) -> None:
    ran = stubbed("logout")
    assert (ran.code, ran.out, ran.err) == (0, "Logged out.\n", "")
    (asked,) = stub.asked
    assert (asked.method, asked.path) == ("POST", "/api/logout")
    assert asked.headers["authorization"] == "Bearer secret-token"
    assert list(config.iterdir()) == []
    assert stubbed("logout").code == 3


def test_a_copy_of_the_token_is_worth_nothing_after_logging_out(ada: Cli, config: Path) -> None:
    copy = (config / "login.json").read_bytes()
    assert ada("logout").err == ""
    (config / "login.json").write_bytes(copy)
    assert ada("decks").code == 3


def test_logging_out_of_a_service_that_cannot_revoke_forgets_the_token(
    stubbed: Cli, stub: Stub, config: Path
) -> None:
    stub.answers(refused(404, "not_found"))
    ran = stubbed("logout")
    assert (ran.code, ran.out) == (0, "Logged out.\n")
    assert "revokes no tokens" in ran.err
    assert list(config.iterdir()) == []


def test_a_token_that_is_revoked_already_is_logged_out(stubbed: Cli, stub: Stub) -> None:
    stub.answers(refused(401, "unauthorized"))
    assert stubbed("logout").code == 0


def test_logging_out_of_a_service_that_is_away_forgets_the_token_and_says_so(
    cli: Cli, config: Path
) -> None:
    save_login(Login("http://127.0.0.1:9", "ada", "t", FAR_AWAY_MS), config)
    ran = cli("logout")
    assert ran.code == 4
    assert "cannot be reached" in ran.err
    assert list(config.iterdir()) == []


def test_the_folder_is_that_of_the_system_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = Path("/home/ada")
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr("sys.platform", "linux")
    assert config_folder({}) == home / ".config" / "javumbo"
    assert config_folder({"XDG_CONFIG_HOME": "/x"}) == Path("/x/javumbo")
    assert config_folder({"XDG_CONFIG_HOME": "/x", "JAVUMBO_CONFIG_DIR": "/y"}) == Path("/y")
    monkeypatch.setattr("sys.platform", "darwin")
    assert config_folder({}) == home / "Library/Application Support/javumbo"


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileProblemError, match="cannot be written"):
        save_login(Login("http://x", "ada", "t", 1), tmp_path / "file" / "below")


def test_nobody_is_logged_in_at_first(config: Path) -> None:
    with pytest.raises(NotLoggedInError):
        load_login(config)


def test_the_default_is_where_javumbo_serve_serves() -> None:
    assert default_server({}) == f"http://{DEFAULT_HOST}:{DEFAULT_PORT}"
    assert default_server({"PORT": "9000"}) == f"http://{DEFAULT_HOST}:9000"
