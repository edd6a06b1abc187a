from chalicelib.ops.metrics import DIMENSION, METRICS, embedded


def test_there_are_no_more_metrics_than_cost_nothing() -> None:
    """Source: Amazon CloudWatch pricing, free tier: ten custom metrics."""
    assert len(set(METRICS)) == len(METRICS) <= 10


def test_a_line_carries_its_metrics_in_the_embedded_format() -> None:
    assert embedded({"Errors": 1, "StoreTrips": 3}, "prod", 1_700_000_000_000) == {
        "_aws": {
            "Timestamp": 1_700_000_000_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Javumbo",
                    "Dimensions": [["Stage"]],
                    "Metrics": [
                        {"Name": "Errors", "Unit": "Count"},
                        {"Name": "StoreTrips", "Unit": "Count"},
                    ],
                }
            ],
        },
        "Stage": "prod",
        "Errors": 1,
        "StoreTrips": 3,
    }


def test_what_is_named_as_a_metric_or_a_dimension_is_in_the_line() -> None:
    line = embedded(dict.fromkeys(METRICS, 0), "prod", 0)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert {one["Name"] for one in directive["Metrics"]} == set(METRICS) <= line.keys()
    assert directive["Dimensions"] == [[DIMENSION]]
    assert DIMENSION in line


def test_a_line_without_metrics_stays_short() -> None:
    assert embedded({}, "prod", 0) == {}
