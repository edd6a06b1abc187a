"""The dated price file: what a unit of each thing costs, and how much of it is free."""

from enum import StrEnum
from pathlib import Path

import msgspec

from chalicelib.errors import ConfigurationError

_FILE = Path(__file__).with_name("prices.json")


class Price(msgspec.Struct, frozen=True):
    """`usd` for `per` units; the unit is the last word of the item's name."""

    usd: float
    per: float


class FreeTier(StrEnum):
    """What of the free tier is taken into account: ALWAYS is the part that never ends."""

    NONE = "none"
    ALWAYS = "always"


class PriceList(msgspec.Struct, frozen=True):
    """All prices, by region and item; free amounts are for a month and the whole account.

    `note` says what they are, `sources` where each service's are published.
    """

    as_of: str
    note: str
    sources: dict[str, str]
    free_always: dict[str, float]
    regions: dict[str, dict[str, Price]]

    def of(self, region: str) -> dict[str, Price]:
        """The prices of a region. Raises ConfigurationError for one that is not in the file."""
        if region not in self.regions:
            known = ", ".join(sorted(self.regions))
            raise ConfigurationError(f"There are no prices of {region}, only of {known}.")
        return self.regions[region]

    def free(self, tier: FreeTier) -> dict[str, float]:
        """How much of which item costs nothing in a month."""
        return {} if tier is FreeTier.NONE else self.free_always


def load_prices(path: Path = _FILE) -> PriceList:
    """The prices of the file. Raises ConfigurationError when it is not what it should be."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=PriceList)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"The price file cannot be used: {error}.") from None
