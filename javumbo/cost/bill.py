"""From what a month uses to what it costs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from javumbo.cost.month import Line
from javumbo.cost.prices import Price

# As the bill names them, by the first word of an item.
COMPONENTS = {
    "apigateway": "API Gateway",
    "lambda": "Lambda",
    "dynamodb": "DynamoDB",
    "s3": "S3",
    "cloudfront": "CloudFront",
    "transfer": "Data transfer",
    "cloudwatch": "CloudWatch",
    "sns": "SNS",
    "kms": "KMS and parameters",
    "xray": "X-Ray",
    "container": "Machines",
    "costexplorer": "Cost Explorer",
}


@dataclass(frozen=True, slots=True)
class Charge:
    """A line with its price: `list_usd` as listed, `usd` after its share of what is free."""

    component: str
    item: str
    purpose: str
    quantity: float
    list_usd: float
    usd: float


@dataclass(frozen=True, slots=True)
class Bill:
    """All charges of a month."""

    charges: list[Charge]

    @property
    def list_usd(self) -> float:
        return sum(charge.list_usd for charge in self.charges)

    @property
    def usd(self) -> float:
        return sum(charge.usd for charge in self.charges)

    def by_component(self) -> dict[str, tuple[float, float]]:
        """As listed and after what is free, by component, in the order of the table."""
        listed: dict[str, float] = defaultdict(float)
        due: dict[str, float] = defaultdict(float)
        for charge in self.charges:
            listed[charge.component] += charge.list_usd
            due[charge.component] += charge.usd
        return {name: (listed[name], due[name]) for name in COMPONENTS.values() if name in listed}


def bill(lines: Iterable[Line], prices: Mapping[str, Price], free: Mapping[str, float]) -> Bill:
    """What the lines cost; what is free of an item is shared by all of its lines."""
    listed = list(lines)
    totals: defaultdict[str, float] = defaultdict(float)
    for line in listed:
        totals[line.item] += line.quantity
    return Bill([_charge(line, totals[line.item], prices[line.item], free) for line in listed])


def _charge(line: Line, total: float, price: Price, free: Mapping[str, float]) -> Charge:
    listed = line.quantity * price.usd / price.per
    due = max(0.0, total - free.get(line.item, 0)) / total if total else 0
    component = COMPONENTS[line.item.partition(".")[0]]
    return Charge(component, line.item, line.purpose, line.quantity, listed, listed * due)
