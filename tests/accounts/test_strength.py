import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts import strength as module
from chalicelib.accounts.strength import is_common, strength


@pytest.mark.parametrize(
    ("password", "score", "warning"),
    [
        ("password", 0, "top_10"),
        ("aaaaaaaaaaaa", 0, "repeated_character"),
        ("qwertyuiop[]", 1, "keyboard_row"),
        ("", 0, None),
        ("correct horse battery", 4, None),
    ],
)
def test_a_password_is_weighed_by_how_it_is_guessed(
    password: str, score: int, warning: str | None
) -> None:
    found = strength(password, [])
    assert (found.score, found.warning) == (score, warning)
    assert bool(found.suggestions) == (score < 3 and password != "")


def test_what_the_person_is_called_makes_a_password_weak() -> None:
    assert strength("Zorblaxo12", ["ana", "Ana Somebody"]).score == 3
    assert strength("Zorblaxo12", ["zorblaxo", "Ana"]).score == 1
    assert strength("Zorblaxo12", ["ana", "Ana Zorblaxo"]).score == 1
    assert strength("Zorblaxo12", []).score == 3  # nobody else's names count


@given(st.text(st.characters()), st.lists(st.text(st.characters()), max_size=3))
def test_any_text_is_weighed(password: str, own_texts: list[str]) -> None:
    assert 0 <= strength(password, own_texts).score <= 4
    is_common(password, own_texts)


def test_what_is_longer_than_a_password_can_be_is_weighed_in_its_beginning() -> None:
    assert strength("x" * 1_000_000, ["y" * 1_000_000]).score == strength("x" * 72, []).score


def test_every_sentence_of_zxcvbn_has_a_code_of_its_own() -> None:
    package = find_spec("zxcvbn")
    assert package
    assert package.origin
    source = Path(package.origin).with_name("feedback.py").read_text()
    sentences = {
        call.args[0].value
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "_"
        and isinstance(call.args[0], ast.Constant)
    }
    known = {**module._WARNINGS, **module._SUGGESTIONS}
    assert sentences == set(known)
    assert len(set(known.values())) == len(known)


def test_it_is_not_imported_before_it_is_needed() -> None:
    script = "import sys, app; print('zxcvbn' in sys.modules)"
    command = [sys.executable, "-c", script]
    root = Path(__file__).parents[2]
    loaded = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "False"
