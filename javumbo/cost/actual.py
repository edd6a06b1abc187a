"""What AWS has billed, from Cost Explorer, by the tags of a stage.

Each call costs $0.01, and tells what was known some hours ago. The tags count from the day on which
they were activated as cost allocation tags.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from chalicelib.errors import ConfigurationError

PROJECT = "javumbo"
CALL_USD = 0.01

# By Cost Explorer's names of services.
_COMPONENTS = {
    "AWS Lambda": "Lambda",
    "Amazon API Gateway": "API Gateway",
    "Amazon DynamoDB": "DynamoDB",
    "Amazon Simple Storage Service": "S3",
    "Amazon CloudFront": "CloudFront",
    "AWS Data Transfer": "Data transfer",
    "AmazonCloudWatch": "CloudWatch",
    "Amazon Simple Notification Service": "SNS",
    "AWS Key Management Service": "KMS and parameters",
    "AWS Systems Manager": "KMS and parameters",
    "AWS X-Ray": "X-Ray",
    "AWS Cost Explorer": "Cost Explorer",
}


class CostExplorer(Protocol):
    """What is used of boto3's client `ce`."""

    def get_cost_and_usage(self, **request: Any) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class ActualBill:
    """What was billed from `first` until before `end`, by component; `share` of the month."""

    first: date
    end: date
    by_component: dict[str, float]
    calls: int

    @property
    def usd(self) -> float:
        return sum(self.by_component.values())

    @property
    def share(self) -> float:
        """How much of its month is over, from 0 to 1."""
        following = (self.first + timedelta(days=32)).replace(day=1)
        return (self.end - self.first).days / (following - self.first).days


def actual_bill(client: CostExplorer, stage: str, today: date) -> ActualBill:
    """The bill of the month so far; on its first day that of the last month.

    Raises ConfigurationError when Cost Explorer refuses, or does not answer.
    """
    first, end = _period(today)
    request: dict[str, Any] = {
        "TimePeriod": {"Start": first.isoformat(), "End": end.isoformat()},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": {"And": [_tagged("Project", PROJECT), _tagged("Environment", stage)]},
    }
    billed: defaultdict[str, float] = defaultdict(float)
    calls = 0
    while True:
        answer = _asked(client, request)
        calls += 1
        for name, usd in _groups(answer):
            billed[_COMPONENTS.get(name, name)] += usd
        if not answer.get("NextPageToken"):
            return ActualBill(first, end, dict(billed), calls)
        request["NextPageToken"] = answer["NextPageToken"]


def new_cost_explorer() -> CostExplorer:
    """A client. Raises ConfigurationError where boto3 is missing."""
    try:
        from boto3 import Session  # noqa: PLC0415
    except ImportError:
        raise ConfigurationError("This asks AWS: install boto3 (`javumbo[aws]`).") from None
    # Cost Explorer has one address for all regions.
    client: CostExplorer = Session().client("ce", region_name="us-east-1")
    return client


def _period(today: date) -> tuple[date, date]:
    """The month up to today, which is not part of it; Cost Explorer refuses an empty one."""
    if today.day > 1:
        return today.replace(day=1), today
    return (today - timedelta(days=1)).replace(day=1), today


def _tagged(key: str, value: str) -> dict[str, Any]:
    return {"Tags": {"Key": key, "Values": [value]}}


def _groups(answer: Mapping[str, Any]) -> list[tuple[str, float]]:
    return [
        (group["Keys"][0], float(group["Metrics"]["UnblendedCost"]["Amount"]))
        for period in answer["ResultsByTime"]
        for group in period["Groups"]
    ]


def _asked(client: CostExplorer, request: Mapping[str, Any]) -> Mapping[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        return client.get_cost_and_usage(**request)
    except (BotoCoreError, ClientError) as error:
        raise ConfigurationError(f"Cost Explorer does not tell: {error}") from None
