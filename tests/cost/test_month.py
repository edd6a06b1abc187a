"""What a month uses, beside what it is by hand."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ops.metrics import METRICS
from chalicelib.settings import load_settings
from javumbo.cost import mix
from javumbo.cost.alternatives import WholeFileMonth, of_containers, of_one_machine
from javumbo.cost.measured import Latency, Measured, Operation, Spread
from javumbo.cost.month import Line, Month
from javumbo.cost.plan import FULL_CORE_MB, GIGABYTE, Habits, Plan, core_share
from tests.cost.worlds import HABITS, NOTHING, PLAN, measured_with

ROOT = Path(__file__).parent.parent.parent


def used(lines: list[Line]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = defaultdict(float)
    for line in lines:
        found[line.item, line.purpose] += line.quantity
    return found


def of(users: int, measured: Measured = NOTHING, plan: Plan = PLAN) -> Any:
    return used(Month(users, measured, plan, HABITS).lines())


def test_a_hundred_people_ask_32_500_times_a_month() -> None:
    assert sum(mix.OF_100_USERS.values()) == 32_500 == mix.REQUESTS * mix.USERS
    assert mix.OF_100_USERS["answer"] == 18 * mix.SESSIONS * mix.USERS
    assert set(mix.OF_100_USERS) >= mix.CHANGES | mix.PUBLIC


def test_answers_cost_their_units_their_time_and_their_place_on_the_way() -> None:
    answer = Operation("answer", Spread(5), {"dynamodb PutItem": 1}, 2, 0, 700)
    times = Latency("slow", 30, 60, 8, 10)
    month = of(100, measured_with(answer, times=times))
    # 5 ms of a core of which 1024 MB have 1024/1769, then 10 ms of waiting; at 1 GB.
    seconds = 23_400 * (5 * 1769 / 1024 + 10) / 1000
    assert month["lambda.gb_second", "requests"] == pytest.approx(seconds)
    # And the mark of each session.
    assert month["dynamodb.write_unit", "requests"] == 23_400 * 2 + 1_300
    assert month["cloudfront.gb", "answers"] == pytest.approx(23_400 * 700 / GIGABYTE)
    assert month["apigateway.request", "requests"] == 32_500
    assert month["lambda.request", "requests"] == 32_500


def test_what_s3_charges_as_a_write_is_none_of_its_reads_and_deleting_is_free() -> None:
    asked = {"s3 PutObject": 1, "s3 ListObjectsV2": 2, "s3 HeadObject": 4, "s3 DeleteObject": 8.0}
    month = of(100, measured_with(Operation("export", Spread(0), asked, 0, 0, 0)))
    assert month["s3.write", "requests"] == 30 * 3
    assert month["s3.read", "requests"] == 30 * 4


def test_the_authorizer_is_asked_for_its_share_of_the_requests_that_have_a_token() -> None:
    authorize = Operation("authorize", Spread(0), {}, 0, 2, 0)
    month = of(100, measured_with(authorize, authorizations=0.125))
    protected = 32_500 - 10 - 160 - 650
    assert month["lambda.request", "authorizer"] == protected / 8
    assert month["dynamodb.read_unit", "authorizer"] == protected / 4


def test_folds_are_those_that_are_due_and_one_a_session_by_the_sweep() -> None:
    month = Month(100, NOTHING, PLAN, HABITS)
    changes = 10 + 23_400 + 150 + 1_000 + 200 + 20 + 80
    assert month.changes == changes
    assert month.folds == changes / 50 + 1_300
    # Each leaves a version of 1 MB for 30 days of a month's 730 hours.
    versions = used(month.lines())["s3.storage_gb", "earlier versions"]
    assert versions == pytest.approx((changes / 50 + 1_300) * 30 / (730 / 24) * 1e6 / GIGABYTE)


def test_warming_costs_the_same_for_few_people_as_for_many() -> None:
    plan = Plan(memory_mb=2048, warmed=3)
    for users in (1, 10_000):
        month = of(users, plan=plan)
        assert month["lambda.request", "warming"] == 8_760 * (1 + 3 + 3)
        held, helper = 8_760 * 6 * 0.3 * 2, 8_760 * 0.6 * 0.25
        assert month["lambda.gb_second", "warming"] == pytest.approx(held + helper)
    assert not any(purpose == "warming" for _, purpose in of(100))


def test_cold_starts_are_billed_and_ask_for_the_secret() -> None:
    month = of(100, measured_with(cold_starts=0.01, cold_start_ms=1_200))
    assert month["lambda.gb_second", "cold starts"] == pytest.approx(325 * 1.2)
    assert month["kms.request", "cold starts"] == 325


def test_options_are_paid_for_when_they_are_on() -> None:
    plan = Plan(memory_mb=1024, xray=True, provisioned=2)
    month = of(100, plan=plan)
    assert month["xray.trace", "traces"] == 32_500
    assert month["lambda.provisioned_gb_second", "provisioned concurrency"] == 2 * 2 * 730 * 3600
    off = of(100)
    assert not any(item.startswith(("xray", "lambda.provisioned")) for item, _ in off)


def test_below_a_whole_core_computing_takes_longer_and_above_it_no_less() -> None:
    assert core_share(FULL_CORE_MB) == core_share(3008) == 1
    assert core_share(FULL_CORE_MB // 2) == pytest.approx(0.5, abs=0.001)


@given(few=st.integers(0, 10**6), more=st.integers(0, 10**6))
def test_more_people_use_no_less_of_anything(few: int, more: int) -> None:
    answer = Operation("answer", Spread(5), {"s3 GetObject": 1}, 2, 3, 700)
    measured = measured_with(answer, cold_starts=0.01, authorizations=0.1)
    before, after = of(few, measured), of(few + more, measured)
    assert all(after[key] >= quantity - 1e-9 for key, quantity in before.items())


def test_the_plan_watches_what_the_template_and_the_service_watch() -> None:
    template = yaml.safe_load((ROOT / "infra" / "watch.yaml").read_text())
    kinds = [one["Type"] for one in template["Resources"].values()]
    alarms = [
        one["Properties"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    ]
    plan = Plan()
    assert sum(map(metrics_of, alarms)) == plan.alarm_metrics
    assert kinds.count("AWS::CloudWatch::Dashboard") == plan.dashboards
    assert len(METRICS) == plan.metrics <= 10


def test_the_functions_are_deployed_as_the_benchmarks_have_chosen() -> None:
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    chosen = json.loads((ROOT / "benchmarks" / "results" / "login.json").read_text())
    assert config["lambda_memory_size"] == chosen["memory_mb"] == Plan().memory_mb
    assert load_settings({}).bcrypt_rounds == chosen["rounds"]
    for stage in config["stages"].values():
        warm = stage["lambda_functions"]["warm"]
        assert warm["lambda_memory_size"] == Plan().helper_memory_mb


def metrics_of(alarm: dict[str, Any]) -> int:
    """Those that an alarm is paid for: a query finds one of each kind, mostly none."""
    metrics = alarm.get("Metrics", [])
    return sum("MetricStat" in one for one in metrics) or 1


def test_whole_files_are_sent_for_each_change_and_kept_as_earlier_versions() -> None:
    times = Latency("slow", 30, 60, 8, 10)
    answer = Operation("answer", Spread(5), {"dynamodb PutItem": 1}, 2, 0, 0)
    measured = measured_with(answer, times=times, whole_file_answer_ms=100, whole_file_read_ms=40)
    month = WholeFileMonth(100, measured, Plan(memory_mb=FULL_CORE_MB, warmed=0), HABITS)
    lines = used(month.lines())
    on_collections = 23_400 + 150 + 1_000 + 200 + 20 + 80
    reads = 1_900 + 2_700 + 300 + 500 + 30
    assert lines["s3.write", "requests"] == on_collections
    assert lines["s3.read", "requests"] == on_collections + reads
    assert month.folds == month.changes
    assert lines["dynamodb.write_unit", "requests"] == 1_300
    # 100 ms each for changes, which for an answer come to its own 5; 40 for reads.
    seconds = (on_collections * 100 + 23_400 * 5 + reads * 40) / 1000
    gigabytes = FULL_CORE_MB / 1024
    assert lines["lambda.gb_second", "requests"] == pytest.approx(seconds * gigabytes)


def test_containers_are_at_least_two_and_grow_with_the_busiest_hour() -> None:
    few, many = (used(list(of_containers(n, NOTHING, PLAN, HABITS))) for n in (1, 1_000_000))
    assert few["container.vcpu_hour", "tasks"] == 2 * 0.5 * 730
    # A million people: 325 requests of 10 ms each, six times the mean, half busy.
    cores = 1_000_000 * 325 / (730 * 3600) * 6 * 0.010 / 0.5
    assert many["container.vcpu_hour", "tasks"] == pytest.approx(cores * 730, rel=0.05)
    assert not any(item.startswith(("lambda", "apigateway")) for item, _ in few)
    assert few["dynamodb.storage_gb", "users and commits"] > 0


def test_one_machine_has_a_volume_for_everybody_s_files() -> None:
    habits = Habits(collections_bytes=1_000_000, media_stored_bytes=0, backups=36)
    lines = used(list(of_one_machine(1_000, NOTHING, habits)))
    assert lines["container.small_machine_hour", "machines"] == 730
    expected = 10 + 1_000 * 1_000_000 * (2 + 18) / GIGABYTE
    assert lines["container.volume_gb", "volumes"] == pytest.approx(expected)
