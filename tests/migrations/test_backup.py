"""Backups of an old install, and writing them back."""

import json
import os
import random
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.ports import BaseStore
from migrations.backup import Backup, back_up
from migrations.places import find_backup, open_places
from migrations.restoring import read_manifest, restore
from tests.emulators.moto_server import aws_environment, s3_client
from tests.migrations.install import Install, build_install
from tests.migrations.moving import quietly

NOW_S = 1_773_156_000
NAME = "flask-backup-20260310T152000Z"
ODD_NAMES = (
    "josé maría.anki2",
    "100%.anki2",
    "a\nnew line.anki2",
    "日" * 83 + ".anki2",
    os.fsdecode(b"no utf-8 \xe9.anki2"),
    "per-journal",
)


def _back_up(old: Install, stores: list[Any], jobs: int = 2) -> Backup:
    return back_up(old.admin_db, old.user_dbs, stores, NOW_S, jobs, quietly)


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in aws_environment(endpoint).items():
        monkeypatch.setenv(name, value)
    name = f"flask-backup-{random.getrandbits(40):x}"
    s3_client(endpoint).create_bucket(Bucket=name)
    return name


@pytest.fixture
def odd(tmp_path: Path) -> Install:
    """With a journal of its table, a folder among the collections, and names of every kind."""
    old = build_install(tmp_path / "old", 3)
    (old.admin_db.parent / "admin.db-journal").write_bytes(b"half a change")
    (old.user_dbs / "earlier" / "2025").mkdir(parents=True)
    for name in (*ODD_NAMES, "earlier/2025/ana.anki2"):
        (old.user_dbs / name).write_bytes(os.fsencode(name))
    return old


def _bytes_of(admin_db: Path, user_dbs: Path) -> dict[str, bytes]:
    paths = [*admin_db.parent.glob("admin.db*"), *user_dbs.rglob("*")]
    files = [path for path in paths if path.is_file()]
    return {str(path.relative_to(admin_db.parent)): path.read_bytes() for path in files}


def test_two_copies_of_every_byte_one_in_a_bucket_of_its_own(
    odd: Install, tmp_path: Path, endpoint: str, bucket: str
) -> None:
    places = [str(tmp_path / "copy"), f"s3://{bucket}"]
    backup = _back_up(odd, open_places(places, odd.user_dbs, is_local=False))
    assert backup.name == NAME
    originals = _bytes_of(odd.admin_db, odd.user_dbs).values()
    wanted = sorted(sha256(data).hexdigest() for data in originals)
    assert wanted == sorted(each.sha256 for each in backup.files)
    manifest = json.loads((tmp_path / "copy" / NAME / "manifest.json").read_text())
    assert {each["key"] for each in manifest["files"]} == {each.key for each in backup.files}
    for each in backup.files:
        body = s3_client(endpoint).get_object(Bucket=bucket, Key=each.key)["Body"].read()
        assert (len(body), sha256(body).hexdigest()) == (each.size, each.sha256)
        assert (tmp_path / "copy" / each.key).read_bytes() == body
    assert (tmp_path / "copy" / NAME / "user_dbs" / "josé maría.anki2").is_file()


def test_what_is_restored_is_the_install_as_it_was(
    odd: Install, tmp_path: Path, bucket: str
) -> None:
    """From either place; every file under its own name again, for its owner only."""
    places = [str(tmp_path / "copy"), f"s3://{bucket}/"]
    _back_up(odd, open_places(places, odd.user_dbs, is_local=False))
    wanted = _bytes_of(odd.admin_db, odd.user_dbs)
    assert len(wanted) == 15
    for number, place in enumerate(places):
        store, name = find_backup(f"{place}/{NAME}/")
        back = tmp_path / f"back {number}"
        _restore(store, back, read_manifest(store, name))
        assert _bytes_of(back / "admin.db", back / "user_dbs") == wanted
        modes = {path.stat().st_mode & 0o777 for path in (back, *back.rglob("*"))}
        assert modes == {0o600, 0o700}


def _restore(store: BaseStore, back: Path, backup: Backup) -> None:
    restore(store, backup, back / "admin.db", back / "user_dbs", 2, quietly)


@pytest.fixture
def stored(odd: Install, tmp_path: Path) -> DirectoryBaseStore:
    store = DirectoryBaseStore(tmp_path / "copy")
    _back_up(odd, [store])
    return store


@pytest.mark.parametrize("damage", ["changed", "missing"])
@pytest.mark.parametrize("key", ["admin.db", "user_dbs/100%.anki2"])
def test_a_backup_that_is_not_whole_any_more_gives_no_install(
    stored: DirectoryBaseStore, tmp_path: Path, damage: str, key: str
) -> None:
    path = tmp_path / "copy" / NAME / key
    data = path.read_bytes()
    path.write_bytes(b"another") if damage == "changed" else path.unlink()
    backup = read_manifest(stored, NAME)
    with pytest.raises(StorageUnavailableError, match=key):
        _restore(stored, tmp_path / "back", backup)
    assert not (tmp_path / "back" / "admin.db").exists()
    assert not (tmp_path / "back" / key).exists()
    path.write_bytes(data)
    _restore(stored, tmp_path / "back", backup)
    assert (tmp_path / "back" / key).read_bytes() == data


def test_a_restore_writes_over_nothing(
    stored: DirectoryBaseStore, odd: Install, tmp_path: Path
) -> None:
    backup = read_manifest(stored, NAME)
    for admin_db, user_dbs in (
        (odd.admin_db, tmp_path / "free"),
        (tmp_path / "admin.db", odd.user_dbs),
    ):
        with pytest.raises(ConfigurationError, match="name another place"):
            restore(stored, backup, admin_db, user_dbs, 2, quietly)
    assert not (tmp_path / "free").exists()


def test_only_a_finished_backup_can_be_restored(stored: DirectoryBaseStore, tmp_path: Path) -> None:
    manifest = tmp_path / "copy" / NAME / "manifest.json"
    evil = manifest.read_text().replace('"path": "admin.db"', '"path": "user_dbs/../../evil"')
    for text, reason in ((evil, "outside"), ("[]", "cannot be read")):
        manifest.write_text(text)
        with pytest.raises(ConfigurationError, match=reason):
            read_manifest(stored, NAME)
    manifest.unlink()
    with pytest.raises(ConfigurationError, match="none that was finished"):
        read_manifest(stored, NAME)
    for place in ("", str(tmp_path / "copy"), "s3://somewhere"):
        with pytest.raises(ConfigurationError, match="Name the backup"):
            find_backup(place)


def test_an_install_that_cannot_be_read_can_be_backed_up(odd: Install, tmp_path: Path) -> None:
    odd.admin_db.write_bytes(b"no table of users")
    assert len(_back_up(odd, [DirectoryBaseStore(tmp_path / "copy")]).files) == 15


def test_what_is_no_file_is_named(odd: Install, tmp_path: Path) -> None:
    shutil.rmtree(odd.user_dbs / "earlier")
    (odd.user_dbs / "lost.anki2").symlink_to("nowhere")
    (odd.user_dbs / "elsewhere").symlink_to(tmp_path)
    backup = _back_up(odd, [DirectoryBaseStore(tmp_path / "copy")])
    assert backup.left == ("user_dbs/elsewhere", "user_dbs/lost.anki2")


@pytest.mark.parametrize(
    "places",
    [
        [],
        ["one"],
        ["one", "one"],
        ["one", "one/"],
        ["one", "./two/../one"],
        ["s3://a-bucket", "s3://a-bucket/"],
        ["one", "s3://"],
        ["one", "s3://a-bucket/folder"],
        ["one", "s3://javumbo-user-dbs-prod-123456789012"],
        ["one", "user_dbs/two"],
    ],
)
@pytest.mark.parametrize("is_local", [True, False])
def test_places_that_are_no_two_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: list[str], *, is_local: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError):
        open_places(places, tmp_path / "user_dbs", is_local=is_local)


def test_of_a_stage_one_place_is_a_bucket(tmp_path: Path) -> None:
    two, user_dbs = [str(tmp_path / "one"), str(tmp_path / "two")], tmp_path / "user_dbs"
    with pytest.raises(ConfigurationError, match="bucket"):
        open_places(two, user_dbs, is_local=False)
    assert len(open_places(two, user_dbs, is_local=True)) == 2
    assert len(open_places([two[0], "s3://my-backup"], user_dbs, is_local=False)) == 2


@dataclass
class _Forgetful:
    """Stores something else than what it is given."""

    inner: DirectoryBaseStore

    def put(self, key: str, data: bytes | Path, **more: Any) -> str:
        return self.inner.put(key, b"something else", **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def test_a_copy_that_is_not_equal_is_told(odd: Install, tmp_path: Path) -> None:
    good, bad = (DirectoryBaseStore(tmp_path / name) for name in ("good", "bad"))
    with pytest.raises(StorageUnavailableError, match="not equal"):
        _back_up(odd, [good, _Forgetful(bad)], 1)
