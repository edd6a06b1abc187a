"""The web client on AWS: built, sent to its bucket, and shown by CloudFront."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from javumbo.deploy.site_build import build_client
from javumbo.deploy.site_plan import Release, SitePlan, headers_of, plan_site

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# CloudFront reads what lies under this prefix; what lies beside it nobody sees.
_SERVED = "site/"
_RELEASE = "release.json"
# Source: Amazon S3 API Reference, DeleteObjects.
_MOST_AT_ONCE = 1000


class Distribution(Protocol):
    """What has copies of the files all over the world."""

    def invalidate(self, paths: Sequence[str]) -> None:
        """Forget the copies of these addresses."""


@dataclass(frozen=True, slots=True)
class CloudFront:
    """A distribution of CloudFront; `client` is boto3's."""

    client: Any
    distribution_id: str
    now_s: int

    def invalidate(self, paths: Sequence[str]) -> None:
        batch = {
            "Paths": {"Quantity": len(paths), "Items": list(paths)},
            "CallerReference": f"javumbo-{self.now_s}",
        }
        self.client.create_invalidation(
            DistributionId=self.distribution_id, InvalidationBatch=batch
        )


class SiteBucket:
    """The bucket that the web client lies in."""

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self._name = name

    def checksums(self) -> dict[str, str]:
        """The MD5 of every file, which is S3's ETag of what was sent in one piece."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._name, Prefix=_SERVED
        )
        return {
            entry["Key"].removeprefix(_SERVED): entry["ETag"].strip('"')
            for page in pages
            for entry in page.get("Contents", [])
        }

    def send(self, name: str, path: Path) -> None:
        headers = headers_of(name)
        self._client.put_object(
            Bucket=self._name,
            Key=_SERVED + name,
            Body=path.read_bytes(),
            CacheControl=headers["CacheControl"],
            ContentType=headers["ContentType"],
        )

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            self._client.delete_object(Bucket=self._name, Key=_SERVED + name)

    def last_release(self) -> Release:
        """An empty one before the first."""
        try:
            found = self._client.get_object(Bucket=self._name, Key=_RELEASE)
        except self._client.exceptions.NoSuchKey:
            return Release()
        with found["Body"] as body:
            return Release(**json.loads(body.read()))

    def remember(self, release: Release) -> None:
        self._client.put_object(
            Bucket=self._name,
            Key=_RELEASE,
            Body=json.dumps(asdict(release), sort_keys=True).encode(),
            ContentType="application/json",
        )

    def empty(self) -> int:
        """Remove everything, earlier versions too, and say how many there were.

        CloudFormation removes no bucket that has something in it.
        """
        count = 0
        for page in self._client.get_paginator("list_object_versions").paginate(Bucket=self._name):
            objects: Any = [
                {"Key": entry["Key"], "VersionId": entry["VersionId"]}
                for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            ]
            for start in range(0, len(objects), _MOST_AT_ONCE):
                batch = objects[start : start + _MOST_AT_ONCE]
                self._client.delete_objects(Bucket=self._name, Delete={"Objects": batch})
            count += len(objects)
        return count


def deploy_site(
    bucket: SiteBucket,
    distribution: Distribution,
    now_s: int,
    *,
    dry_run: bool = False,
    build: Callable[[], Path] = build_client,
) -> SitePlan:
    """Build the client and show it to the world; what was done, or with `dry_run` would be.

    Again with the same files it does nothing. A page is sent after all that it names, and nothing
    is removed before the new page is there, so that whoever comes meanwhile gets one build whole.

    Raises ConfigurationError when the client cannot be built.
    """
    files = dict(_files(build()))
    last = bucket.last_release()
    checksums = {name: _checksum(path) for name, path in files.items()}
    plan = plan_site(checksums, bucket.checksums(), last, now_s)
    if dry_run:
        return plan
    for name in plan.send:
        bucket.send(name, files[name])
    bucket.remove(plan.remove)
    if plan.release != last:
        bucket.remember(plan.release)
    if plan.invalidate:
        distribution.invalidate(plan.invalidate)
    return plan


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _checksum(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
