"""`javumbo alarm-test` makes an alarm of a stage fire, and looks whether anybody is told."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.errors import ConfigurationError
from chalicelib.ops.metrics import NAMESPACE
from javumbo.deploy.account import Account, aws_refusals
from javumbo.deploy.errors import DeploymentError
from javumbo.deploy.names import PROJECT, checked_stage

DEFAULT_ALARM = "errors"
DEFAULT_TIMEOUT_S = 600
_PAUSE_S = 5.0
# What this machine's clock and that of AWS may differ by.
_SKEW_S = 300.0
_REASON = "javumbo alarm-test: nothing is wrong."
# Source: CloudWatch's own words in an alarm's history.
_TOLD = "Successfully executed action"
_PENDING = "PendingConfirmation"

Alarm = Mapping[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "Exit code 0 when the alarm rang and its topic took the message for somebody, else 1.\n"
        "The alarm goes back by itself at its next evaluation."
    )
    parser.add_argument("--stage", required=True, help="dev, staging or prod")
    parser.add_argument(
        "--alarm", default=DEFAULT_ALARM, help="such as slow or unfolded (default: %(default)s)"
    )
    parser.add_argument(
        "--data",
        action="store_true",
        help="send the failures that the alarm waits for, instead of setting its state",
    )
    parser.add_argument(
        "--timeout",
        type=int,
        default=DEFAULT_TIMEOUT_S,
        metavar="S",
        help="how many seconds to wait for it (default: %(default)s)",
    )
    parser.add_argument("--region", help="default: that of the AWS configuration")
    parser.add_argument("--endpoint-url", metavar="URL", help="of an emulator of AWS")


def run(arguments: argparse.Namespace) -> int:
    """Raises ConfigurationError when there is no such alarm."""
    stage = checked_stage(arguments.stage)
    account = Account(arguments.region, arguments.endpoint_url)
    bell = AlarmTest(account.client("cloudwatch"), account.client("sns"), print)
    try:
        with aws_refusals():
            bell.ring(stage, arguments.alarm, arguments.timeout, by_data=arguments.data)
    except DeploymentError as error:
        print(f"javumbo: {error}", file=sys.stderr)
        return 1
    return 0


class AlarmTest:
    """Rings alarms, over boto3's clients of CloudWatch and SNS."""

    def __init__(
        self,
        cloudwatch: Any,
        sns: Any,
        say: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`say` tells the person who tries this a line; `clock` gives epoch seconds."""
        self._cloudwatch = cloudwatch
        self._sns = sns
        self._say = say
        self._clock = clock
        self._sleep = sleep

    def ring(self, stage: str, name: str, timeout_s: float, *, by_data: bool = False) -> None:
        """Make the alarm fire and say what came of it.

        `by_data` sends what it waits for; else its state is set, which tries everything behind
        it. Raises ConfigurationError when there is no such alarm or it waits for what cannot be
        sent, and DeploymentError when it does not ring in time or nobody is told.
        """
        alarm = self._alarm(stage, name)
        if alarm["StateValue"] == "ALARM":
            raise DeploymentError(f"{alarm['AlarmName']} rings already: {alarm['StateReason']}")
        began_s = self._clock()
        before = self._history(alarm, began_s)
        if by_data:
            self._send_failures(alarm)
        else:
            self._set(alarm)
        seen = self._watched(alarm, before, began_s, timeout_s)
        for line in seen:
            self._say(line)
        self._check_seen(alarm, seen)
        self._check_somebody_listens(alarm)

    def _alarm(self, stage: str, name: str) -> Alarm:
        prefix = f"{PROJECT}-{stage}-"
        pages = self._cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
        alarms = {one["AlarmName"]: one for page in pages for one in page["MetricAlarms"]}
        found: Alarm | None = alarms.get(prefix + name)
        if found is None:
            names = sorted(one.removeprefix(prefix) for one in alarms)
            known = f"there are {', '.join(names)}" if names else f"{stage} has none"
            raise ConfigurationError(f"There is no alarm {name!r}: {known}.")
        return found

    def _set(self, alarm: Alarm) -> None:
        self._cloudwatch.set_alarm_state(
            AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason=_REASON
        )
        self._say(f"{alarm['AlarmName']}: set to ALARM")

    def _send_failures(self, alarm: Alarm) -> None:
        if alarm.get("Namespace") != NAMESPACE or alarm["EvaluationPeriods"] > 1:
            raise ConfigurationError(
                "Only what the service itself counts can be sent, for alarms of one period:"
                " errors or store-errors."
            )
        value = alarm["Threshold"] + 1
        self._cloudwatch.put_metric_data(
            Namespace=NAMESPACE,
            MetricData=[
                {
                    "MetricName": alarm["MetricName"],
                    "Dimensions": alarm["Dimensions"],
                    "Timestamp": datetime.fromtimestamp(self._clock(), UTC),
                    "Value": value,
                    "Unit": "Count",
                }
            ],
        )
        self._say(f"{alarm['AlarmName']}: sent {value:g} of {alarm['MetricName']}")

    def _watched(
        self, alarm: Alarm, before: Sequence[str], began_s: float, timeout_s: float
    ) -> list[str]:
        """What CloudWatch notes about the alarm, until it has told somebody or time is up."""
        while True:
            seen = [line for line in self._history(alarm, began_s) if line not in before]
            if _told(seen) or self._clock() - began_s >= timeout_s:
                return seen
            self._sleep(_PAUSE_S)

    def _history(self, alarm: Alarm, began_s: float) -> list[str]:
        items = self._cloudwatch.describe_alarm_history(
            AlarmName=alarm["AlarmName"],
            StartDate=datetime.fromtimestamp(began_s - _SKEW_S, UTC),
            ScanBy="TimestampAscending",
        )["AlarmHistoryItems"]
        return [
            f"{one['Timestamp']:%H:%M:%S} {one['HistoryItemType']}: {one['HistorySummary']}"
            for one in items
        ]

    def _check_seen(self, alarm: Alarm, seen: Sequence[str]) -> None:
        name = alarm["AlarmName"]
        if not any("to ALARM" in line for line in seen):
            raise DeploymentError(f"{name} did not ring in time.")
        if not _told(seen):
            raise DeploymentError(f"{name} rang, but its topic did not take the message.")

    def _check_somebody_listens(self, alarm: Alarm) -> None:
        listening = 0
        for topic in alarm["AlarmActions"]:
            pages = self._sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
            for one in (found for page in pages for found in page["Subscriptions"]):
                pending = one["SubscriptionArn"] == _PENDING
                state = "has yet to confirm" if pending else "was told"
                self._say(f"{one['Protocol']} {one['Endpoint']}: {state}")
                listening += not pending
        if not listening:
            raise DeploymentError("Nobody listens: javumbo deploy --alarm-email ADDRESS.")


def _told(seen: Sequence[str]) -> bool:
    return any(_TOLD in line for line in seen)
