"""What watches a stage is whole, and speaks of what there is."""

import json
import logging
import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from chalice.app import Request, Response

from chalicelib.errors import NotFoundError
from chalicelib.ops.logs import JsonFormatter
from chalicelib.ops.metrics import DIMENSION, METRICS, NAMESPACE
from chalicelib.ops.observing import Observer
from javumbo.deploy.names import function_name, tables, tags
from tests.infra.watch_template import ROOT, TEXT, TOPIC, WatchStack
from tests.ops.requests import request_event

STACK = WatchStack()
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
FUNCTIONS = {
    function_name("prod", f"app.{own}")
    for own in ("app", "jwt_auth", "fold", "warm", "sweep", "upkeep")
}
# What CloudWatch adds to each line by itself.
GIVEN = {"@timestamp", "@message", "@log", "@requestId", "@type", "@maxMemoryUsed", "@memorySize"}
GIVEN |= {"@billedDuration", "@initDuration"}
ACCESS_LOG = {"method", "route", "status", "error", "ms", "integration_ms", "request_id"}


def test_cloudformation_takes_the_text_as_it_is() -> None:
    assert not any(isinstance(token, yaml.AliasToken) for token in yaml.scan(TEXT))


def test_every_alarm_says_when_it_begins_and_when_it_ends() -> None:
    assert len(STACK.alarms) == 11
    for alarm in STACK.alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [TOPIC]
        assert alarm["DatapointsToAlarm"] == alarm["EvaluationPeriods"]


def sections() -> set[str]:
    titles = re.findall(r"^## (.+)$", RUNBOOK, flags=re.MULTILINE)
    return {title.lower().replace(" ", "-") for title in titles}


def test_every_alarm_leads_to_its_own_section_of_the_runbook() -> None:
    for name, alarm in STACK.alarms.items():
        assert alarm["AlarmDescription"].endswith(f"Runbook: docs/runbook.md#{name}")
        assert name in sections()


def test_the_runbook_names_every_saved_query_and_no_other() -> None:
    queries = {
        one["Name"].removeprefix("javumbo/prod/")
        for one in STACK.of_type("AWS::Logs::QueryDefinition")
    }
    table = RUNBOOK[RUNBOOK.index("| saved query") : RUNBOOK.index("### The metrics")]
    assert set(re.findall(r"^\| `([^`]+)` \|", table, flags=re.MULTILINE)) == queries
    words = re.findall(r"[Qq]uery `([^`]+)`", RUNBOOK)
    assert set(words) <= queries


def test_links_within_the_runbook_lead_somewhere() -> None:
    assert set(re.findall(r"\(#([a-z-]+)\)", RUNBOOK)) <= sections()


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    if "MetricName" in alarm:
        return [alarm]
    return [one["MetricStat"]["Metric"] for one in alarm["Metrics"] if "MetricStat" in one]


def test_alarms_are_about_metrics_that_this_stage_has() -> None:
    for alarm in STACK.alarms.values():
        for metric in metrics_of(alarm):
            check_metric(
                metric["Namespace"],
                metric["MetricName"],
                {one["Name"]: one["Value"] for one in metric["Dimensions"]},
            )


def test_the_dashboard_is_about_metrics_that_this_stage_has() -> None:
    for metric in dashboard_metrics():
        namespace, name, *pairs = (part for part in metric if isinstance(part, str))
        check_metric(namespace, name, dict(zip(pairs[::2], pairs[1::2], strict=True)))


def check_metric(namespace: str, name: str, dimensions: dict[str, str]) -> None:
    match namespace:
        case "Javumbo":
            assert namespace == NAMESPACE
            assert name in METRICS
            assert dimensions == {DIMENSION: "prod"}
        case "AWS/Lambda":
            assert dimensions["FunctionName"] in FUNCTIONS
        case "AWS/ApiGateway":
            assert dimensions == {"ApiName": "javumbo-prod"}
        case "AWS/DynamoDB":
            assert dimensions["TableName"] in tables("prod")
        case "AWS/S3":
            buckets = {
                f"javumbo-{kind}-prod-123456789012" for kind in ("user-dbs", "media", "frontend")
            }
            assert dimensions["BucketName"] in buckets
        case "AWS/CloudFront":
            assert dimensions == {"Region": "Global", "DistributionId": "none"}
        case "AWS/Billing":
            assert dimensions == {"Currency": "USD"}
        case _:
            raise AssertionError(namespace)


def dashboard_metrics() -> list[list[Any]]:
    return [
        metric
        for widget in STACK.widgets
        for metric in widget["properties"].get("metrics", ())
        if isinstance(metric[0], str)
    ]


@pytest.mark.parametrize(
    ("namespace", "names"),
    [
        ("AWS/Lambda", {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"}),
        ("AWS/ApiGateway", {"Count", "4XXError", "5XXError", "Latency"}),
        ("AWS/DynamoDB", {"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"}),
        ("AWS/S3", {"NumberOfObjects", "BucketSizeBytes"}),
        ("Javumbo", set(METRICS)),
        ("AWS/Billing", {"EstimatedCharges"}),
    ],
)
def test_the_dashboard_shows(namespace: str, names: set[str]) -> None:
    assert {metric[1] for metric in dashboard_metrics() if metric[0] == namespace} == names


def test_the_dashboard_stays_among_those_that_are_free() -> None:
    """Source: Amazon CloudWatch pricing: three dashboards of up to 50 metrics each."""
    assert len(dashboard_metrics()) <= 50


def test_widgets_lie_beside_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for widget in STACK.widgets:
        assert widget["x"] + widget["width"] <= 24
        columns = range(widget["x"], widget["x"] + widget["width"])
        rows = range(widget["y"], widget["y"] + widget["height"])
        cells = {(x, y) for x in columns for y in rows}
        assert not cells & taken
        taken |= cells


def test_availability_is_shown_against_its_goal() -> None:
    shown = [one for one in STACK.widgets if "available" in json.dumps(one["properties"])]
    month, hours = (one["properties"] for one in shown)
    assert month["period"] == 30 * 24 * 3600
    # The range and the periods of the page are not these.
    assert (month["start"], month["setPeriodToTimeRange"]) == ("-P30D", True)
    assert STACK.dashboard["periodOverride"] == "inherit"
    assert hours["annotations"]["horizontal"] == [{"label": "goal", "value": 99.9}]
    for properties in (month, hours):
        expression, failed = properties["metrics"]
        assert expression[0]["expression"] == "100 * (1 - failed)"
        assert failed[1] == "5XXError"
        assert failed[-1]["id"] == "failed"
        assert failed[-1]["stat"] == "Average"


def test_the_dashboard_shows_every_alarm() -> None:
    [widget] = [one for one in STACK.widgets if one["type"] == "alarm"]
    alarms = [n for n, one in STACK.resources.items() if one["Type"] == "AWS::CloudWatch::Alarm"]
    assert widget["properties"]["alarms"] == [f"<{name}.Arn>" for name in alarms]


def members_of_lines() -> set[str]:
    """Of the lines of a request and a job that failed, with every metric."""
    lines: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(self.format(record)))

    def fail(_: Request) -> Response:
        raise NotFoundError

    handler = Kept()
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("chalicelib.ops.observing")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    try:
        observer = Observer("prod")
        with pytest.raises(NotFoundError):
            observer.middleware(request_event("GET", "/x", caller="ana"), fail)
        observer.middleware(request_event("GET", "/x"), lambda _: Response("{}"))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    return {member for line in lines for member in line} | set(METRICS)


def words(query: str) -> set[str]:
    """The names of members that a query asks for; what it calls its results is none."""
    text = re.sub(r'"[^"]*"|/[^/]*/', "", query)
    results = set(re.findall(r"\bas (\w+)", text))
    named = set(re.findall(r"@?[A-Za-z_]\w*", text))
    return named - results - LANGUAGE


LANGUAGE = {"fields", "filter", "stats", "sort", "limit", "by", "as", "desc", "and", "or", "not"}
LANGUAGE |= {"like", "count", "avg", "sum", "max", "pct", "bin", "h", "ispresent"}


def test_saved_queries_ask_for_what_the_lines_have() -> None:
    known = members_of_lines() | GIVEN
    for query in STACK.of_type("AWS::Logs::QueryDefinition"):
        gateway = "/aws/apigateway/javumbo-prod" in query["LogGroupNames"]
        assert words(query["QueryString"]) <= (ACCESS_LOG | GIVEN if gateway else known), query


def test_the_gateways_log_has_what_its_query_asks_for() -> None:
    written = (ROOT / "infra" / "app.yaml").read_text()
    assert all(f'"{member}":' in written for member in ACCESS_LOG)


def test_saved_queries_look_into_logs_that_there_are() -> None:
    groups = {f"/aws/lambda/{name}" for name in FUNCTIONS} | {"/aws/apigateway/javumbo-prod"}
    for query in STACK.of_type("AWS::Logs::QueryDefinition"):
        assert set(query["LogGroupNames"]) <= groups


def budget(**parameters: str) -> dict[str, Any]:
    [found] = WatchStack(**parameters).of_type("AWS::Budgets::Budget")
    return found


def test_the_budget_is_ten_dollars_a_month() -> None:
    limit = budget()["Budget"]
    assert limit["BudgetLimit"] == {"Amount": 10, "Unit": "USD"}
    assert (limit["BudgetType"], limit["TimeUnit"]) == ("COST", "MONTHLY")


def test_a_second_stage_of_an_account_can_do_without() -> None:
    assert WatchStack(MonthlyBudget="0").of_type("AWS::Budgets::Budget") == []


def test_nobody_is_told_of_the_budget_where_there_is_no_address() -> None:
    assert "NotificationsWithSubscribers" not in budget()


@pytest.mark.parametrize(
    ("parameters", "address"),
    [
        ({"AlarmEmail": "a@example.org"}, "a@example.org"),
        ({"BudgetEmail": "b@example.org"}, "b@example.org"),
        ({"AlarmEmail": "a@example.org", "BudgetEmail": "b@example.org"}, "b@example.org"),
    ],
)
def test_the_notice_comes_at_80_percent(parameters: dict[str, str], address: str) -> None:
    [told] = budget(**parameters)["NotificationsWithSubscribers"]
    assert told["Notification"] == {
        "NotificationType": "ACTUAL",
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": 80,
        "ThresholdType": "PERCENTAGE",
    }
    assert told["Subscribers"] == [{"SubscriptionType": "EMAIL", "Address": address}]


def test_what_can_be_tagged_is() -> None:
    wanted = [{"Key": key, "Value": value} for key, value in tags("prod").items()]
    for alarm in STACK.alarms.values():
        assert alarm["Tags"] == wanted
    assert budget()["ResourceTags"] == wanted
