"""What was deployed before, in the stage's bucket of artefacts.

code/<digest>.zip               the functions' code
templates/<digest>.json         a template
releases/<ms>-<release>.json    one release of the app stack: its template and its parameters
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from javumbo.deploy.stacks import Template

_RELEASES = "releases/"


@dataclass(frozen=True, slots=True)
class Release:
    """One release; `template` is the key of its template. No parameter of it is a secret."""

    release: str
    template: str
    parameters: Mapping[str, str]


class Artefacts:
    """The bucket; `client` is boto3's of S3."""

    def __init__(self, client: Any, bucket: str, region: str, endpoint_url: str | None) -> None:
        self._client = client
        self.bucket = bucket
        self._address = (
            f"{endpoint_url}/{bucket}"
            if endpoint_url
            else f"https://{bucket}.s3.{region}.amazonaws.com"
        )

    def store_code(self, path: Path, digest: str) -> str:
        """The key of the zip file, which is sent where it is not there yet."""
        key = f"code/{digest}.zip"
        if not self._has(key):
            with path.open("rb") as file:
                self._client.put_object(Bucket=self.bucket, Key=key, Body=file)
        return key

    def store_template(self, text: str) -> str:
        """The key of the template."""
        key = f"templates/{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"
        if not self._has(key):
            self._client.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        return key

    def template(self, key: str) -> Template:
        """Where CloudFormation reads it."""
        return Template(url=f"{self._address}/{key}")

    def remember(self, release: Release, now_ms: int) -> None:
        """Note that it was deployed, unless it is the newest already."""
        newest = self._releases()[-1:]
        if not newest or self._read(newest[0]).release != release.release:
            self._client.put_object(
                Bucket=self.bucket,
                Key=f"{_RELEASES}{now_ms:014d}-{release.release}.json",
                Body=json.dumps(asdict(release)).encode(),
            )

    def before(self, release: str) -> Release | None:
        """The release that was deployed before this one."""
        earlier = [key for key in self._releases_until(release) if not _is_of(key, release)]
        return self._read(earlier[-1]) if earlier else None

    def forget_after(self, release: str) -> None:
        """What came after it is no release to go back to."""
        kept = self._releases_until(release)
        for key in self._releases():
            if key not in kept:
                self._client.delete_object(Bucket=self.bucket, Key=key)

    def _releases_until(self, release: str) -> list[str]:
        """The keys up to the newest one of this release; all where there is none of it."""
        keys = self._releases()
        own = [index for index, key in enumerate(keys) if _is_of(key, release)]
        return keys[: own[-1] + 1] if own else keys

    def _releases(self) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=_RELEASES
        )
        return sorted(found["Key"] for page in pages for found in page.get("Contents", ()))

    def _read(self, key: str) -> Release:
        with self._client.get_object(Bucket=self.bucket, Key=key)["Body"] as body:
            return Release(**json.loads(body.read()))

    def _has(self, key: str) -> bool:
        found = self._client.list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1)
        return any(one["Key"] == key for one in found.get("Contents", ()))


def _is_of(key: str, release: str) -> bool:
    return key.endswith(f"-{release}.json")
