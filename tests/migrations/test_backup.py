import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.storage.directory import DirectoryBaseStore
from migrations.backup import back_up, open_places
from migrations.flask.install import read_install
from tests.emulators.moto_server import aws_environment, s3_client
from tests.migrations.install import Install
from tests.migrations.moving import quietly


def test_two_copies_of_every_byte_one_in_a_bucket_of_its_own(
    old: Install, tmp_path: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws_environment(endpoint).items():
        monkeypatch.setenv(name, value)
    s3 = s3_client(endpoint)
    s3.create_bucket(Bucket="flask-backup")
    stores = open_places([str(tmp_path / "copy"), "s3://flask-backup"])
    name, held = back_up(_install(old), stores, 1_773_156_000, 2, quietly)
    assert name == "flask-backup-20260310T152000Z"
    originals = [old.admin_db, *(path for path in old.user_dbs.iterdir())]
    assert sorted(sha256(path.read_bytes()).hexdigest() for path in originals) == sorted(
        each.sha256 for each in held
    )
    manifest = json.loads((tmp_path / "copy" / name / "manifest.json").read_text())
    assert {each["key"] for each in manifest} == {each.key for each in held}
    for each in held:
        body = s3.get_object(Bucket="flask-backup", Key=each.key)["Body"].read()
        assert (len(body), sha256(body).hexdigest()) == (each.size, each.sha256)
        assert (tmp_path / "copy" / each.key).read_bytes() == body


def _install(old: Install) -> Any:
    return read_install(old.admin_db, old.user_dbs)


@pytest.mark.parametrize("places", [[], ["one"], ["one", "one"]])
def test_one_place_is_no_backup(places: list[str]) -> None:
    with pytest.raises(ConfigurationError):
        open_places(places)


@dataclass
class _Forgetful:
    """Stores something else than what it is given."""

    inner: DirectoryBaseStore

    def put(self, key: str, data: bytes | Path, **more: Any) -> str:
        return self.inner.put(key, b"something else", **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def test_a_copy_that_is_not_equal_is_told(old: Install, tmp_path: Path) -> None:
    good, bad = (DirectoryBaseStore(tmp_path / name) for name in ("good", "bad"))
    with pytest.raises(StorageUnavailableError, match="not equal"):
        back_up(_install(old), [good, _Forgetful(bad)], 0, 1, quietly)
