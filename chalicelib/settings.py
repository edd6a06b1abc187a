"""Every setting, read once from the environment into one frozen dataclass.

`.env.example` lists them all with their defaults; a test keeps that file true.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chalicelib.errors import ConfigurationError

MEGABYTE = 1024 * 1024
MIN_SECRET_BYTES = 32

Backend = Literal["local", "aws"]
LogFormat = Literal["text", "json"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service is told from outside; durations and sizes say their unit."""

    backend: Backend
    data_dir: Path
    cache_dir: Path | None
    cache_max_bytes: int
    s3_bucket: str
    media_bucket: str
    dynamodb_users_table: str
    dynamodb_commits_table: str
    secret_key: str
    secret_key_previous: str
    secret_key_parameter: str
    origin_secret: str
    cors_origin: str
    token_lifetime_s: int
    authorizer_ttl_s: int
    bcrypt_rounds: int
    password_min_length: int
    password_reject_common: bool
    login_free_tries: int
    login_window_s: int
    login_max_wait_s: int
    address_max_failures: int
    address_max_registrations: int
    address_max_password_checks: int
    max_body_bytes: int
    max_unpacked_bytes: int
    max_field_bytes: int
    max_note_bytes: int
    max_media_file_bytes: int
    media_quota_bytes: int
    max_decks: int
    max_deck_name_length: int
    max_page: int
    max_backups: int
    max_upload_bytes: int
    conflict_retries: int
    log_format: LogFormat
    stage: str


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from environment variables.

    Raises ConfigurationError with one sentence that names the variable, so that the start is
    refused and not the first request.
    """
    env = _Environment(environ)
    settings = Settings(
        backend=_backend(environ),
        data_dir=Path(env.text("JAVUMBO_DATA", "data")),
        cache_dir=Path(environ["JAVUMBO_CACHE"]) if environ.get("JAVUMBO_CACHE") else None,
        cache_max_bytes=env.number("CACHE_MAX_BYTES", 256 * MEGABYTE, minimum=0),
        s3_bucket=env.text("S3_BUCKET", ""),
        media_bucket=env.text("S3_MEDIA_BUCKET", ""),
        dynamodb_users_table=env.text("DYNAMODB_USERS_TABLE", ""),
        dynamodb_commits_table=env.text("DYNAMODB_COMMITS_TABLE", ""),
        secret_key=env.text("SECRET_KEY", ""),
        secret_key_previous=env.text("SECRET_KEY_PREVIOUS", ""),
        secret_key_parameter=env.text("SECRET_KEY_PARAMETER", ""),
        origin_secret=env.text("ORIGIN_SECRET", ""),
        cors_origin=env.text("CORS_ORIGIN", "http://localhost:5173"),
        token_lifetime_s=env.number("TOKEN_LIFETIME_S", 30 * 24 * 3600, minimum=60),
        authorizer_ttl_s=env.number("AUTHORIZER_TTL_S", 60, minimum=0, maximum=3600),
        bcrypt_rounds=env.number("BCRYPT_ROUNDS", 10, minimum=4, maximum=16),
        password_min_length=env.number("PASSWORD_MIN_LENGTH", 8, minimum=1, maximum=72),
        password_reject_common=bool(env.number("PASSWORD_REJECT_COMMON", 1, minimum=0, maximum=1)),
        login_free_tries=env.number("LOGIN_FREE_TRIES", 10, minimum=1),
        login_window_s=env.number("LOGIN_WINDOW_S", 15 * 60, minimum=1),
        login_max_wait_s=env.number("LOGIN_MAX_WAIT_S", 15 * 60, minimum=1, maximum=3600),
        address_max_failures=env.number("ADDRESS_MAX_FAILURES", 100, minimum=1),
        address_max_registrations=env.number("ADDRESS_MAX_REGISTRATIONS", 60, minimum=1),
        address_max_password_checks=env.number("ADDRESS_MAX_PASSWORD_CHECKS", 600, minimum=1),
        max_body_bytes=env.number("MAX_BODY_BYTES", 4 * MEGABYTE, minimum=1024),
        max_unpacked_bytes=env.number("MAX_UNPACKED_BYTES", 256 * MEGABYTE, minimum=1024),
        max_field_bytes=env.number("MAX_FIELD_BYTES", 64 * 1024, minimum=1),
        max_note_bytes=env.number("MAX_NOTE_BYTES", 256 * 1024, minimum=1),
        max_media_file_bytes=env.number("MAX_MEDIA_FILE_BYTES", 100 * MEGABYTE, minimum=1),
        media_quota_bytes=env.number("MEDIA_QUOTA_BYTES", 1024 * MEGABYTE, minimum=0),
        max_decks=env.number("MAX_DECKS", 2000, minimum=1),
        max_deck_name_length=env.number("MAX_DECK_NAME_LENGTH", 120, minimum=1),
        max_page=env.number("MAX_PAGE", 200, minimum=1),
        max_backups=env.number("MAX_BACKUPS", 60, minimum=1, maximum=1000),
        max_upload_bytes=env.number("MAX_UPLOAD_BYTES", 512 * MEGABYTE, minimum=1024),
        conflict_retries=env.number("CONFLICT_RETRIES", 20, minimum=0, maximum=100),
        log_format=_log_format(env.text("LOG_FORMAT", ""), environ),
        stage=env.text("STAGE", "local"),
    )
    _check(settings)
    return settings


class _Environment:
    """Typed reads that name the variable when its value cannot be used."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name) or default

    def number(self, name: str, default: int, *, minimum: int, maximum: int | None = None) -> int:
        raw = self._environ.get(name) or str(default)
        try:
            value = int(raw)
        except ValueError:
            raise ConfigurationError(f"{name} must be a whole number.") from None
        if value < minimum or (maximum is not None and value > maximum):
            upper = "" if maximum is None else f" and at most {maximum}"
            raise ConfigurationError(f"{name} must be at least {minimum}{upper}.")
        return value


def _backend(environ: Mapping[str, str]) -> Backend:
    """AWS inside Lambda or when asked for; else this machine."""
    default = "aws" if environ.get("AWS_LAMBDA_FUNCTION_NAME") else "local"
    backend = environ.get("JAVUMBO_BACKEND") or default
    if backend == "aws":
        return "aws"
    if backend == "local":
        return "local"
    raise ConfigurationError("JAVUMBO_BACKEND must be 'local' or 'aws'.")


def _log_format(wanted: str, environ: Mapping[str, str]) -> LogFormat:
    """JSON inside Lambda or when asked for; else for a person to read."""
    default = "json" if environ.get("AWS_LAMBDA_FUNCTION_NAME") else "text"
    log_format = wanted or default
    if log_format == "json":
        return "json"
    if log_format == "text":
        return "text"
    raise ConfigurationError("LOG_FORMAT must be 'text' or 'json'.")


def _check(settings: Settings) -> None:
    secrets = {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_PREVIOUS": settings.secret_key_previous,
        "ORIGIN_SECRET": settings.origin_secret,
    }
    for name, secret in secrets.items():
        if secret and len(secret.encode()) < MIN_SECRET_BYTES:
            raise ConfigurationError(f"{name} must have at least {MIN_SECRET_BYTES} bytes.")
    if settings.secret_key and settings.secret_key == settings.secret_key_previous:
        raise ConfigurationError("SECRET_KEY_PREVIOUS must be another one than SECRET_KEY.")
    if settings.backend == "local":
        return
    required = {
        "S3_BUCKET": settings.s3_bucket,
        "S3_MEDIA_BUCKET": settings.media_bucket,
        "DYNAMODB_USERS_TABLE": settings.dynamodb_users_table,
        "DYNAMODB_COMMITS_TABLE": settings.dynamodb_commits_table,
        "SECRET_KEY or SECRET_KEY_PARAMETER": settings.secret_key or settings.secret_key_parameter,
    }
    missing = [name for name, value in required.items() if not value]
    if missing:
        raise ConfigurationError(f"Not set: {', '.join(missing)}.")
