"""The price file has what is needed, for every region, with its date and its sources."""

from datetime import date
from pathlib import Path

import pytest

from benchmarks import model
from chalicelib.errors import ConfigurationError
from javumbo.cost.actual import CALL_USD
from javumbo.cost.alternatives import WholeFileMonth, of_containers, of_one_machine
from javumbo.cost.bill import COMPONENTS
from javumbo.cost.month import Month
from javumbo.cost.plan import Plan
from javumbo.cost.prices import FreeTier, load_prices
from tests.cost.worlds import HABITS, NOTHING

PRICES = load_prices()
EVERYTHING = Plan(xray=True, provisioned=1)


def items_of_every_way() -> set[str]:
    lines = [
        *Month(100, NOTHING, EVERYTHING, HABITS).lines(),
        *WholeFileMonth(100, NOTHING, EVERYTHING, HABITS).lines(),
        *of_containers(100, NOTHING, EVERYTHING, HABITS),
        *of_one_machine(100, NOTHING, HABITS),
    ]
    return {line.item for line in lines} | {"costexplorer.request"}


@pytest.mark.parametrize("region", ["us-east-1", "sa-east-1"])
def test_every_region_has_a_price_for_everything_that_is_used_and_for_nothing_else(
    region: str,
) -> None:
    assert set(PRICES.of(region)) == items_of_every_way()
    assert all(price.usd > 0 and price.per >= 1 for price in PRICES.of(region).values())


def test_the_file_says_of_when_it_is_and_where_each_price_is_published() -> None:
    assert date.fromisoformat(PRICES.as_of)
    services = {item.partition(".")[0] for item in items_of_every_way()}
    assert set(PRICES.sources) == services | {"free"}
    assert services == set(COMPONENTS)


def test_what_is_free_is_something_that_has_a_price() -> None:
    items = items_of_every_way()
    assert PRICES.free(FreeTier.NONE) == {}
    always = PRICES.free(FreeTier.ALWAYS)
    assert set(always) <= items
    assert always["lambda.gb_second"] == 400_000
    assert "apigateway.request" not in always


def test_the_benchmark_of_the_storage_has_the_same_prices() -> None:
    prices = PRICES.of("us-east-1")

    def a_million(item: str) -> float:
        return prices[item].usd / prices[item].per * 1_000_000

    assert a_million("s3.write") == pytest.approx(model.Price.OBJECT_WRITE)
    assert a_million("s3.read") == pytest.approx(model.Price.OBJECT_READ)
    assert a_million("dynamodb.write_unit") == pytest.approx(model.Price.WRITE_UNIT)
    assert a_million("dynamodb.read_unit") == pytest.approx(model.Price.READ_UNIT)


def test_asking_for_the_bill_costs_what_the_file_says() -> None:
    assert PRICES.of("us-east-1")["costexplorer.request"].usd == CALL_USD


def test_a_region_without_prices_is_refused_and_the_others_are_named() -> None:
    with pytest.raises(ConfigurationError, match="mars-1, only of sa-east-1, us-east-1"):
        PRICES.of("mars-1")


@pytest.mark.parametrize("content", ["", "{}", '{"as_of": 1}'])
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "prices.json"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match="price file"):
        load_prices(path)
