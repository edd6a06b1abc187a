"""The bill as Cost Explorer tells it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib.errors import ConfigurationError
from javumbo.cost.actual import ActualBill, actual_bill


class Explorer:
    """Gives one page after the other, and keeps what it was asked."""

    def __init__(self, *pages: Mapping[str, float]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._pages = list(pages)

    def get_cost_and_usage(self, **request: Any) -> Mapping[str, Any]:
        self.asked.append(request)
        groups = [
            {"Keys": [name], "Metrics": {"UnblendedCost": {"Amount": str(usd), "Unit": "USD"}}}
            for name, usd in self._pages.pop(0).items()
        ]
        more = {"NextPageToken": f"page {len(self.asked)}"} if self._pages else {}
        return {"ResultsByTime": [{"Groups": groups}], **more}


class Refusing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_cost_and_usage(self, **_: Any) -> Mapping[str, Any]:
        raise self._error


def test_the_bill_of_a_stage_is_asked_for_by_its_tags_and_told_by_service() -> None:
    explorer = Explorer({"AWS Lambda": 0.02, "Amazon API Gateway": 0.11, "Tax": 0.01})
    found = actual_bill(explorer, "prod", date(2026, 4, 16))
    assert found.by_component == {"Lambda": 0.02, "API Gateway": 0.11, "Tax": 0.01}
    assert found.usd == pytest.approx(0.14)
    assert found.share == 0.5
    (request,) = explorer.asked
    assert request["TimePeriod"] == {"Start": "2026-04-01", "End": "2026-04-16"}
    tags = [one["Tags"] for one in request["Filter"]["And"]]
    assert tags == [
        {"Key": "Project", "Values": ["javumbo"]},
        {"Key": "Environment", "Values": ["prod"]},
    ]


def test_all_pages_are_added_up_and_services_of_one_line_too() -> None:
    explorer = Explorer(
        {"AWS Key Management Service": 0.25, "AWS Lambda": 1},
        {"AWS Systems Manager": 0.5, "AWS Lambda": 2},
    )
    found = actual_bill(explorer, "prod", date(2026, 4, 16))
    assert found.by_component == {"KMS and parameters": 0.75, "Lambda": 3}
    assert found.calls == 2
    assert "NextPageToken" not in explorer.asked[0]
    assert explorer.asked[1]["NextPageToken"] == "page 1"


@pytest.mark.parametrize(
    ("today", "first"), [(date(2026, 3, 1), "2026-02-01"), (date(2026, 1, 1), "2025-12-01")]
)
def test_on_the_first_day_it_is_the_bill_of_the_last_month(today: date, first: str) -> None:
    explorer = Explorer({})
    found = actual_bill(explorer, "prod", today)
    assert explorer.asked[0]["TimePeriod"] == {"Start": first, "End": today.isoformat()}
    assert found.share == 1


def test_the_share_of_a_month_is_that_of_its_own_days() -> None:
    assert ActualBill(date(2026, 2, 1), date(2026, 2, 15), {}, 1).share == 0.5
    assert ActualBill(date(2026, 12, 1), date(2026, 12, 2), {}, 1).share == pytest.approx(1 / 31)


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Get"),
        EndpointConnectionError(endpoint_url="https://ce.example"),
    ],
)
def test_a_refusal_is_told_in_a_sentence(error: Exception) -> None:
    with pytest.raises(ConfigurationError, match="Cost Explorer does not tell"):
        actual_bill(Refusing(error), "prod", date(2026, 4, 16))
