"""When alarms ring, as CloudWatch decides it, over made-up measurements.

Missing points are not simply filled in: CloudWatch looks further back than it evaluates, and takes
the latest points that there are.

Sources: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data",
"Using metric math", "Metrics Insights query components and syntax".
"""

import ast
import math
import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Dimensions = frozenset[tuple[str, str]]
Points = Mapping[int, float]

# The guide's example looks at five points for three.
_FURTHER_BACK = 2
_COMPARED: dict[str, Callable[[float, float], bool]] = {"GreaterThanThreshold": operator.gt}
_OPERATORS: dict[type, Callable[[Any, Any], float]] = {
    ast.Mult: operator.mul,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True)
class Metric:
    namespace: str
    name: str
    dimensions: Dimensions


@dataclass
class Measured:
    """Samples of metrics, each at a time in seconds from 0 to `until_s`."""

    until_s: int
    samples: dict[Metric, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, at_s: float, namespace: str, name: str, value: float, **dimensions: str) -> None:
        metric = Metric(namespace, name, frozenset(dimensions.items()))
        self.samples[metric].append((at_s, value))

    def points(self, metric: Metric, stat: str, period_s: int) -> dict[int, float]:
        """By number of the period; none where nothing was measured."""
        periods: dict[int, list[float]] = defaultdict(list)
        for at_s, value in self.samples.get(metric, ()):
            periods[int(at_s // period_s)].append(value)
        return {number: _statistic(stat, values) for number, values in periods.items()}


def rings(alarm: Mapping[str, Any], measured: Measured) -> list[int]:
    """The seconds at which the alarm is in ALARM, at the end of each of its periods."""
    points, period_s = _series(alarm, measured)
    compare, threshold = _COMPARED[alarm["ComparisonOperator"]], float(alarm["Threshold"])
    wanted, breaching = alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]
    when_missing = bool(alarm["TreatMissingData"] == "breaching")

    def is_ringing(last: int) -> bool:
        looked_at = range(last, last - wanted - _FURTHER_BACK, -1)
        found = [compare(points[number], threshold) for number in looked_at if number in points]
        filled = found[:wanted] + [when_missing] * (wanted - len(found))
        return sum(filled) >= int(breaching)

    periods = range(measured.until_s // period_s)
    return [(last + 1) * period_s for last in periods if is_ringing(last)]


def ringing(alarms: Mapping[str, Mapping[str, Any]], measured: Measured) -> set[str]:
    """The names of the alarms that ring at any time."""
    return {name for name, alarm in alarms.items() if rings(alarm, measured)}


def _series(alarm: Mapping[str, Any], measured: Measured) -> tuple[Points, int]:
    if "MetricName" in alarm:
        period_s = alarm["Period"]
        return measured.points(_metric(alarm), alarm["Statistic"], period_s), period_s
    [returned] = [one for one in alarm["Metrics"] if one.get("ReturnData", True)]
    expression = returned["Expression"]
    if expression.startswith("SELECT"):
        return _queried(expression, returned["Period"], measured), returned["Period"]
    stats = {one["Id"]: one["MetricStat"] for one in alarm["Metrics"] if "MetricStat" in one}
    [period_s] = {one["Period"] for one in stats.values()}
    series = {
        name: measured.points(_metric(one["Metric"]), one["Stat"], period_s)
        for name, one in stats.items()
    }
    return _calculated(expression, series), period_s


def _metric(described: Mapping[str, Any]) -> Metric:
    dimensions = frozenset((one["Name"], one["Value"]) for one in described["Dimensions"])
    return Metric(described["Namespace"], described["MetricName"], dimensions)


def _calculated(expression: str, series: Mapping[str, Points]) -> Points:
    """Metric math: a value at each time at which all that it is made of has one."""
    tree = ast.parse(expression.replace("IF(", "choose("), mode="eval").body
    used = [
        series[node.id]
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id != "choose"
    ]
    times = set.intersection(*(set(points) for points in used))
    return {
        time: _value(tree, {name: points.get(time, math.nan) for name, points in series.items()})
        for time in times
    }


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=float() | int() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right):
            return float(_OPERATORS[type(op)](_value(left, values), _value(right, values)))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return float(_OPERATORS[type(op)](_value(left, values), _value(right, values)))
        case ast.Call(func=ast.Name(id="choose"), args=[condition, yes, no]):
            return _value(yes if _value(condition, values) else no, values)
    raise AssertionError(ast.dump(node))


_QUERY = re.compile(
    r'SELECT SUM\((?P<metric>\w+)\) FROM SCHEMA\("(?P<namespace>[\w/]+)", (?P<names>[\w, ]+)\)'
    r" WHERE (?P<conditions>.+)"
)


def _queried(query: str, period_s: int, measured: Measured) -> Points:
    match = _QUERY.fullmatch(query.strip())
    assert match, query
    names = set(match["names"].split(", "))
    wanted = set(re.findall(r"(\w+) = '([^']+)'", match["conditions"]))
    total: dict[int, float] = defaultdict(float)
    for metric in list(measured.samples):
        has_schema = {name for name, _ in metric.dimensions} == names
        of_query = (metric.namespace, metric.name) == (match["namespace"], match["metric"])
        if of_query and has_schema and wanted & metric.dimensions:
            for number, value in measured.points(metric, "Sum", period_s).items():
                total[number] += value
    return total


def _statistic(stat: str, values: Iterable[float]) -> float:
    ordered = sorted(values)
    match stat:
        case "Sum":
            return sum(ordered)
        case "Average":
            return sum(ordered) / len(ordered)
        case "Maximum":
            return ordered[-1]
        case "SampleCount":
            return len(ordered)
        case "p95":
            # Between the two nearest samples, which errs on the side of ringing.
            place = 0.95 * (len(ordered) - 1)
            low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
            return low + (high - low) * (place - math.floor(place))
    raise AssertionError(stat)
