"""What has to be done so that a bucket holds a build of the web client and little else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from javumbo.site_headers import cache_control, content_type

# How long the scripts of an earlier build stay: browsers that have its page open still load them.
KEEP_S = 30 * 24 * 3600

_ASSETS = "assets/"
# These name the other files, so they come after all of them.
_LAST = ("index.html", "sw.js")


@dataclass(frozen=True, slots=True)
class Release:
    """What is remembered between two uploads, by file."""

    headers: Mapping[str, str] = field(default_factory=dict)
    replaced_s: Mapping[str, int] = field(default_factory=dict)
    """Since when (epoch seconds) no build has had the file."""


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What to send, then what to remove and which addresses CloudFront is to ask for anew."""

    send: tuple[str, ...]
    remove: tuple[str, ...]
    invalidate: tuple[str, ...]
    release: Release


def plan_site(
    files: Mapping[str, str], stored: Mapping[str, str], last: Release, now_s: int
) -> SitePlan:
    """From the checksums of the build's files and of those in the bucket, by name.

    A file with a hash in its name stays for `KEEP_S` seconds after the last build that had it.
    """
    headers = {name: headers_text(name) for name in files}
    send = [
        name
        for name in files
        if stored.get(name) != files[name] or last.headers.get(name) != headers[name]
    ]
    gone = stored.keys() - files.keys()
    replaced = {name: last.replaced_s.get(name, now_s) for name in gone if _is_hashed(name)}
    kept = {name: since for name, since in replaced.items() if now_s - since < KEEP_S}
    remove = gone - kept.keys()
    return SitePlan(
        tuple(sorted(send, key=_turn)),
        tuple(sorted(remove)),
        tuple(_addresses({name for name in send if name in stored} | remove)),
        Release(headers, kept),
    )


def headers_of(name: str) -> dict[str, str]:
    """The headers that S3 is to keep with the file; CloudFront adds the others."""
    path = f"/{name}"
    return {"CacheControl": cache_control(path), "ContentType": content_type(path)}


def headers_text(name: str) -> str:
    return " | ".join(headers_of(name).values())


def _is_hashed(name: str) -> bool:
    return name.startswith(_ASSETS)


def _turn(name: str) -> tuple[int, str]:
    """Last what names others."""
    return (1 + _LAST.index(name) if name in _LAST else 0, name)


def _addresses(names: Iterable[str]) -> list[str]:
    """Content under a name with a hash never changes, so there is nothing to ask for anew."""
    return sorted(f"/{name}" for name in names if not _is_hashed(name))
