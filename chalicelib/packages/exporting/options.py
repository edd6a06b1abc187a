"""What somebody may choose about a package."""

from dataclasses import dataclass

from chalicelib.packages.package_version import PackageVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageOptions:
    """How a package of notes is made.

    Without `scheduling` its cards are new and their reviews are left out, as for somebody else.
    Without `presets` its decks go by the default options. `now_ms` is when it is made.
    """

    version: PackageVersion = PackageVersion.LATEST
    scheduling: bool = True
    presets: bool = True
    now_ms: int
