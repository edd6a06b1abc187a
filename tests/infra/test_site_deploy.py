from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.session import get_session
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.errors import ConfigurationError
from javumbo.deploy.site import CloudFront, SiteBucket, deploy_site
from javumbo.deploy.site_build import build_client
from javumbo.deploy.site_command import lines_of
from javumbo.deploy.site_plan import KEEP_S, SitePlan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NAME = "javumbo-frontend-test-123456789012"
BUILD = {
    "index.html": "<script src=/assets/index-1.js>",
    "sw.js": "precache index-1",
    "card.html": "<body>",
    "manifest.webmanifest": "{}",
    "icons/icon-192.png": "png",
    "assets/index-1.js": "one()",
}
NEXT = {
    **{
        name: text for name, text in BUILD.items() if name not in {"assets/index-1.js", "card.html"}
    },
    "index.html": "<script src=/assets/index-2.js>",
    "assets/index-2.js": "two()",
}


class Copies:
    """A distribution that remembers what it was told to forget."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def invalidate(self, paths: Sequence[str]) -> None:
        self.forgotten += paths


class Interrupted(SiteBucket):
    """A bucket whose caller dies before the change of this number."""

    def __init__(self, client: "S3Client", changes_left: int) -> None:
        super().__init__(client, NAME)
        self._left = changes_left

    def send(self, name: str, path: Path) -> None:
        self._count()
        super().send(name, path)

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            self._count()
            super().remove([name])

    def _count(self) -> None:
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Client]":
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        from boto3 import Session

        client = Session(region_name="us-east-1").client("s3")
        client.create_bucket(Bucket=NAME)
        client.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
        yield client
        client.close()


class World:
    """A site, and the folder that its builds are made in."""

    def __init__(self, client: "S3Client", folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.copies = Copies()
        self.bucket = SiteBucket(client, NAME)

    def build(self, files: dict[str, str]) -> Path:
        for old in [path for path in self.folder.rglob("*") if path.is_file()]:
            old.unlink()
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self.folder

    def deploy(self, files: dict[str, str], now_s: int = 0, *, dry_run: bool = False) -> SitePlan:
        return deploy_site(
            self.bucket, self.copies, now_s, dry_run=dry_run, build=lambda: self.build(files)
        )

    def interrupted_deploy(self, files: dict[str, str], after: int) -> None:
        bucket = Interrupted(self.client, after)
        deploy_site(bucket, self.copies, 0, build=lambda: self.build(files))

    def served(self) -> dict[str, str]:
        return {name: self.text(name) for name in self.bucket.checksums()}

    def text(self, name: str) -> str:
        with self.client.get_object(Bucket=NAME, Key=f"site/{name}")["Body"] as body:
            return body.read().decode()

    def versions(self) -> int:
        found = self.client.list_object_versions(Bucket=NAME)
        return len(found.get("Versions", ())) + len(found.get("DeleteMarkers", ()))


@pytest.fixture
def world(s3: "S3Client", tmp_path: Path) -> World:
    folder = tmp_path / "dist"
    folder.mkdir()
    return World(s3, folder)


@pytest.mark.parametrize(
    ("name", "kind", "cache"),
    [
        ("index.html", "text/html; charset=utf-8", "no-cache"),
        ("sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("card.html", "text/html; charset=utf-8", "no-cache"),
        ("manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("icons/icon-192.png", "image/png", "no-cache"),
        (
            "assets/index-1.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
    ],
)
def test_a_file_is_stored_with_its_kind_and_how_long_it_may_be_kept(
    world: World, name: str, kind: str, cache: str
) -> None:
    world.deploy(BUILD)
    found = world.client.head_object(Bucket=NAME, Key=f"site/{name}")
    assert (found["ContentType"], found["CacheControl"]) == (kind, cache)


def test_the_build_is_served_as_it_is(world: World) -> None:
    world.deploy(BUILD)
    assert world.served() == BUILD


def test_the_same_build_again_touches_nothing(world: World) -> None:
    world.deploy(BUILD)
    before = world.versions()
    world.copies.forgotten.clear()
    world.deploy(BUILD, now_s=5)
    assert world.versions() == before
    assert world.copies.forgotten == []


def test_a_new_build_keeps_the_scripts_of_the_one_before_for_a_while(world: World) -> None:
    world.deploy(BUILD, now_s=100)
    world.deploy(NEXT, now_s=200)
    assert world.served() == {**NEXT, "assets/index-1.js": "one()"}
    assert world.copies.forgotten == ["/card.html", "/index.html"]
    world.deploy(NEXT, now_s=200 + KEEP_S)
    assert world.served() == NEXT


def test_a_dry_run_says_what_it_would_do_and_does_nothing(world: World) -> None:
    world.deploy(BUILD)
    before = world.versions()
    plan = world.deploy(NEXT, dry_run=True)
    assert plan.send == ("assets/index-2.js", "index.html")
    assert plan.remove == ("card.html",)
    assert world.versions() == before
    assert world.copies.forgotten == []


def test_whoever_comes_at_any_moment_gets_one_build_whole(world: World) -> None:
    for changes in range(4):
        world.bucket.empty()
        world.deploy(BUILD)
        try:
            world.interrupted_deploy(NEXT, changes)
        except KeyboardInterrupt:
            served = world.served()
            build = BUILD if served["index.html"] == BUILD["index.html"] else NEXT
            assert {name: served[name] for name in build} == build
        world.deploy(NEXT)
        assert world.served() == {**NEXT, "assets/index-1.js": "one()"}
    assert changes == 3


def test_what_was_changed_in_the_bucket_by_hand_is_put_right(world: World) -> None:
    world.deploy(BUILD)
    world.client.put_object(Bucket=NAME, Key="site/index.html", Body=b"someone else's")
    world.client.delete_object(Bucket=NAME, Key="site/assets/index-1.js")
    world.deploy(BUILD)
    assert world.served() == BUILD


def test_what_is_remembered_between_uploads_is_not_served(world: World) -> None:
    world.deploy(BUILD)
    keys = {entry["Key"] for entry in world.client.list_objects_v2(Bucket=NAME)["Contents"]}
    assert {key for key in keys if not key.startswith("site/")} == {"release.json"}


def test_what_was_done_is_said_a_line_for_each_file(world: World) -> None:
    world.deploy(BUILD)
    assert lines_of(world.deploy(NEXT)) == [
        "send assets/index-2.js",
        "send index.html",
        "remove card.html",
    ]
    assert lines_of(world.deploy(NEXT)) == ["nothing to change"]


def test_an_emptied_bucket_can_be_removed(world: World) -> None:
    world.deploy(BUILD)
    world.deploy(NEXT)
    count = world.versions()
    assert count > len(BUILD)
    assert world.bucket.empty() == count
    world.client.delete_bucket(Bucket=NAME)


def test_cloudfront_is_told_in_its_own_words() -> None:
    client = get_session().create_client(
        "cloudfront", aws_access_key_id="a", aws_secret_access_key="b"
    )
    expected = {
        "DistributionId": "E1",
        "InvalidationBatch": {
            "Paths": {"Quantity": 2, "Items": ["/index.html", "/sw.js"]},
            "CallerReference": "javumbo-17",
        },
    }
    with Stubber(client) as stubber:
        stubber.add_response("create_invalidation", {}, expected)
        CloudFront(client, "E1", 17).invalidate(["/index.html", "/sw.js"])
        stubber.assert_no_pending_responses()
    client.close()


MAKEFILE = """
-include .env
export
client/dist/index.html: client/index.html
\t@mkdir -p client/dist
\t@echo "api=$$VITE_API_BASE_URL base=$$VITE_APP_BASE_PATH" >> $@
"""


def checkout(folder: Path) -> Path:
    (folder / "client").mkdir()
    (folder / "client" / "package.json").write_text("{}")
    (folder / "client" / "index.html").write_text("")
    (folder / "Makefile").write_text(MAKEFILE)
    return folder


def test_the_client_is_built_anew_for_the_domain_that_it_lies_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VITE_API_BASE_URL", "https://elsewhere.example")
    root = checkout(tmp_path)
    (root / ".env").write_text("VITE_API_BASE_URL=http://localhost:9\n")
    for count in (1, 2):
        page = build_client(root) / "index.html"
        assert page.read_text() == "api= base=/\n" * count


def test_a_build_that_fails_is_said_in_a_sentence(tmp_path: Path) -> None:
    root = checkout(tmp_path)
    (root / "Makefile").write_text("client/dist/index.html:\n\t@false\n")
    with pytest.raises(ConfigurationError, match="could not be built"):
        build_client(root)


def test_what_was_installed_without_its_sources_builds_no_client(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="from a checkout"):
        build_client(tmp_path)
