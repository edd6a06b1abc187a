import re
from pathlib import Path

import pytest

from chalicelib.errors import ConfigurationError
from chalicelib.settings import Settings, load_settings

ROOT = Path(__file__).parent.parent
AWS = {
    "AWS_LAMBDA_FUNCTION_NAME": "javumbo-dev",
    "S3_BUCKET": "bucket",
    "S3_MEDIA_BUCKET": "media",
    "DYNAMODB_USERS_TABLE": "users",
    "DYNAMODB_COMMITS_TABLE": "commits",
    "SECRET_KEY_PARAMETER": "/javumbo/dev/secret-key",
}


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_without_any_variable_everything_is_local() -> None:
    settings = load_settings({})
    assert settings.backend == "local"
    assert settings.data_dir == Path("data")


def test_the_example_file_lists_every_setting_with_its_default() -> None:
    source = (ROOT / "chalicelib" / "settings.py").read_text()
    read = set(re.findall(r'(?:text|number)\("([A-Z0-9_]+)"', source))
    read |= set(re.findall(r'environ\.get\("(JAVUMBO_[A-Z]+)"', source))
    assert set(example()) == read | {"PORT"}
    assert load_settings(example()) == load_settings({})


def test_inside_lambda_it_is_aws_unless_told_otherwise() -> None:
    assert load_settings(AWS).backend == "aws"
    assert load_settings(AWS | {"JAVUMBO_BACKEND": "local"}).backend == "local"


@pytest.mark.parametrize("missing", sorted(AWS.keys() - {"AWS_LAMBDA_FUNCTION_NAME"}))
def test_on_aws_a_missing_setting_stops_the_start_and_is_named(missing: str) -> None:
    environ = {name: value for name, value in AWS.items() if name != missing}
    with pytest.raises(ConfigurationError, match=missing):
        load_settings(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "too short"),
        ("JAVUMBO_BACKEND", "gcp"),
        ("BCRYPT_ROUNDS", "3"),
        ("BCRYPT_ROUNDS", "99"),
        ("MAX_PAGE", "many"),
        ("MAX_PAGE", "0"),
        ("AUTHORIZER_TTL_S", "3601"),
    ],
)
def test_a_value_that_cannot_be_used_stops_the_start_and_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        load_settings({name: value})


def test_settings_cannot_be_changed() -> None:
    settings = load_settings({})
    with pytest.raises(AttributeError):
        settings.max_page = 5  # type: ignore[misc]
    assert isinstance(settings, Settings)
