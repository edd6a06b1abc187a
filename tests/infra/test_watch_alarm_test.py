"""`javumbo alarm-test`: an alarm is made to ring, and whether anybody is told is found out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.errors import ConfigurationError
from javumbo.cli import main
from javumbo.deploy.alarm_test import AlarmTest
from javumbo.deploy.errors import DeploymentError
from tests.infra.alarm_evaluator import Measured, rings
from tests.infra.watch_template import TOPIC, WatchStack

NOW_S = 1_700_000_000.0
WATCHER = {"Protocol": "email", "Endpoint": "a@example.org", "SubscriptionArn": f"{TOPIC}:1"}
PENDING = {**WATCHER, "SubscriptionArn": "PendingConfirmation"}


class Region:
    """CloudWatch and SNS with the alarms of the template, a clock, and who listens.

    CloudWatch looks at its alarms once a minute.
    """

    def __init__(self, *, takes_messages: bool = True) -> None:
        self.now_s = NOW_S
        self.subscriptions: list[dict[str, str]] = [WATCHER]
        self.takes_messages = takes_messages
        self.alarms = {
            alarm["AlarmName"]: {"StateValue": "OK", "StateReason": "all is well", **alarm}
            for alarm in WatchStack().alarms.values()
        }
        self._measured = Measured(3600)
        self._history: list[dict[str, Any]] = []

    def sleep(self, seconds: float) -> None:
        before, self.now_s = self.now_s, self.now_s + seconds
        if int(before // 60) != int(self.now_s // 60):
            self._look()

    def _look(self) -> None:
        for name, alarm in self.alarms.items():
            if name.endswith("-errors") and rings(alarm, self._measured):
                self._turn(alarm)

    def _turn(self, alarm: dict[str, Any]) -> None:
        if alarm["StateValue"] == "ALARM":
            return
        alarm["StateValue"] = "ALARM"
        self._note("StateUpdate", "Alarm updated from OK to ALARM")
        [topic] = alarm["AlarmActions"]
        verb = "Successfully executed" if self.takes_messages else "Failed to execute"
        self._note("Action", f"{verb} action {topic}")

    def _note(self, kind: str, summary: str) -> None:
        at = datetime.fromtimestamp(self.now_s, UTC)
        self._history.append({"Timestamp": at, "HistoryItemType": kind, "HistorySummary": summary})

    def get_paginator(self, operation: str) -> "Pages":
        return Pages(self, operation)

    # As boto3 has them.

    def describe_alarms(self, **asked: str) -> dict[str, Any]:
        prefix = asked["AlarmNamePrefix"]
        return {"MetricAlarms": [o for name, o in self.alarms.items() if name.startswith(prefix)]}

    def set_alarm_state(self, **asked: str) -> None:
        assert asked["StateValue"] == "ALARM"
        assert asked["StateReason"]
        self._turn(self.alarms[asked["AlarmName"]])

    def put_metric_data(self, **asked: Any) -> None:
        for one in asked["MetricData"]:
            dimensions = {pair["Name"]: pair["Value"] for pair in one["Dimensions"]}
            name, value = one["MetricName"], one["Value"]
            self._measured.add(0, asked["Namespace"], name, value, **dimensions)

    def describe_alarm_history(self, **asked: Any) -> dict[str, Any]:
        assert asked["ScanBy"] == "TimestampAscending"
        since = asked["StartDate"]
        return {"AlarmHistoryItems": [o for o in self._history if o["Timestamp"] >= since]}

    def list_subscriptions_by_topic(self, **asked: str) -> dict[str, Any]:
        assert asked == {"TopicArn": TOPIC}
        return {"Subscriptions": self.subscriptions}


class Pages:
    """All on one."""

    def __init__(self, region: Region, operation: str) -> None:
        self._call = getattr(region, operation)

    def paginate(self, **arguments: str) -> Iterator[dict[str, Any]]:
        yield self._call(**arguments)


def ring(region: Region, alarm: str = "errors", *, by_data: bool = False) -> list[str]:
    """What the person who tries it reads."""
    said: list[str] = []
    bell = AlarmTest(region, region, said.append, clock=lambda: region.now_s, sleep=region.sleep)
    bell.ring("prod", alarm, 600, by_data=by_data)
    return said


@pytest.mark.parametrize("alarm", sorted(WatchStack().alarms))
def test_every_alarm_can_be_made_to_ring(alarm: str) -> None:
    region = Region()
    said = "\n".join(ring(region, alarm))
    assert "Alarm updated from OK to ALARM" in said
    assert f"Successfully executed action {TOPIC}" in said
    assert "email a@example.org: was told" in said
    ringing = [n for n, one in region.alarms.items() if one["StateValue"] == "ALARM"]
    assert ringing == [f"javumbo-prod-{alarm}"]


@pytest.mark.parametrize("alarm", ["errors", "store-errors"])
def test_real_failures_make_it_ring_when_cloudwatch_looks(alarm: str) -> None:
    region = Region()
    said = ring(region, alarm, by_data=True)
    assert "sent 6 of" in said[0]
    assert "Alarm updated from OK to ALARM" in said[1]
    assert region.now_s > NOW_S


@pytest.mark.parametrize("alarm", ["slow", "unfolded", "error-rate", "dynamodb-errors"])
def test_what_cannot_be_sent_is_refused(alarm: str) -> None:
    with pytest.raises(ConfigurationError, match="can be sent"):
        ring(Region(), alarm, by_data=True)


def test_an_alarm_can_be_tried_again_when_it_is_over() -> None:
    region = Region()
    ring(region)
    region.alarms["javumbo-prod-errors"]["StateValue"] = "OK"
    region.put_metric_data = lambda **_: None  # type: ignore[method-assign]
    with pytest.raises(DeploymentError, match="did not ring in time"):
        ring(region, by_data=True)


def test_an_alarm_that_there_is_not_is_named_with_those_that_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"'mistakes': there are .*, errors, .*unfolded"):
        ring(Region(), "mistakes")


def test_an_alarm_that_rings_already_is_left_alone() -> None:
    region = Region()
    region.alarms["javumbo-prod-errors"] |= {"StateValue": "ALARM", "StateReason": "a real one"}
    with pytest.raises(DeploymentError, match="rings already: a real one"):
        ring(region)


def test_an_alarm_that_stays_silent_is_a_failure_after_the_time() -> None:
    region = Region()
    region.put_metric_data = lambda **_: None  # type: ignore[method-assign]
    with pytest.raises(DeploymentError, match="did not ring in time"):
        ring(region, by_data=True)
    assert region.now_s >= NOW_S + 600


def test_a_topic_that_does_not_take_the_message_is_a_failure() -> None:
    with pytest.raises(DeploymentError, match="its topic did not take the message"):
        ring(Region(takes_messages=False))


@pytest.mark.parametrize("subscriptions", [[], [PENDING]])
def test_a_bell_that_nobody_hears_is_a_failure(subscriptions: list[dict[str, str]]) -> None:
    region = Region()
    region.subscriptions = subscriptions
    with pytest.raises(DeploymentError, match="Nobody listens"):
        ring(region)


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


@mock_aws
def test_the_command_names_the_alarms_that_there_are(
    credentials: None, capsys: pytest.CaptureFixture[str]
) -> None:
    cloudwatch = boto3.Session().client("cloudwatch")
    cloudwatch.put_metric_alarm(**{**WatchStack().alarms["errors"], "OKActions": []})
    assert main(["alarm-test", "--stage", "prod", "--alarm", "none"]) == 2
    assert "There is no alarm 'none': there are errors." in capsys.readouterr().err


@pytest.mark.parametrize("by_data", [False, True])
def test_what_is_asked_and_answered_has_the_shape_that_aws_describes(
    credentials: None, by_data: bool
) -> None:
    region = Region()
    cloudwatch, sns = boto3.Session().client("cloudwatch"), boto3.Session().client("sns")
    alarm = {**region.alarms["javumbo-prod-errors"], "StateValue": "OK"}
    del alarm["Tags"]
    with Stubber(cloudwatch) as watch, Stubber(sns) as topic:
        watch.add_response("describe_alarms", {"MetricAlarms": [alarm]})
        watch.add_response("describe_alarm_history", {"AlarmHistoryItems": []})
        watch.add_response("put_metric_data" if by_data else "set_alarm_state", {})
        region.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason="x")
        history = region.describe_alarm_history(
            StartDate=datetime.fromtimestamp(0, UTC), ScanBy="TimestampAscending"
        )
        watch.add_response("describe_alarm_history", history)
        topic.add_response("list_subscriptions_by_topic", {"Subscriptions": [WATCHER]})
        bell = AlarmTest(cloudwatch, sns, lambda _: None, clock=lambda: NOW_S)
        bell.ring("prod", "errors", 0, by_data=by_data)
        watch.assert_no_pending_responses()
        topic.assert_no_pending_responses()
