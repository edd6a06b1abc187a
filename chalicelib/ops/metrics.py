"""The service's own metrics, carried by its log lines in CloudWatch's embedded format.

Each metric of each stage costs $0.30 a month beyond the account's first ten, so they are few, and
what AWS measures by itself is not measured again.
"""

from collections.abc import Mapping
from typing import Any

NAMESPACE = "Javumbo"
DIMENSION = "Stage"

# Errors       answers of 500 and above, and jobs that failed
# Conflicts    commits that another writer was before, and that were made again
# Folds        base files brought up to date
# ColdStarts   requests that had to wait for a new environment
# Unfolded     collections that the hourly sweep could not fold
# StoreTrips   calls of the stores that hold collections and media, per request
# StoreErrors  such calls that were refused or not answered, repeating included
METRICS = (
    "Errors",
    "Conflicts",
    "Folds",
    "ColdStarts",
    "Unfolded",
    "StoreTrips",
    "StoreErrors",
)


def embedded(values: Mapping[str, float], stage: str, now_ms: int) -> dict[str, Any]:
    """The members that make a JSON log line carry these metrics of `stage` as well.

    Nothing for no metrics. Source: Amazon CloudWatch, "Specification: Embedded metric format".
    """
    if not values:
        return {}
    metrics = [{"Name": name, "Unit": "Count"} for name in METRICS if name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}
    return {
        "_aws": {"Timestamp": now_ms, "CloudWatchMetrics": [directive]},
        DIMENSION: stage,
        **values,
    }
