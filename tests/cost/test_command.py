"""`javumbo cost`, on the results that lie in the repository."""

import json
from datetime import date
from pathlib import Path

import pytest

from benchmarks.cost import BEGIN, DOCUMENT, END, bar, tables, the_question
from chalicelib.errors import ConfigurationError
from javumbo.cli import main
from javumbo.cost.actual import ActualBill
from javumbo.cost.command import text_of
from javumbo.cost.measured import RESULTS, load_measured
from javumbo.cost.report import dollars, predict


def test_a_month_of_a_hundred_people_costs_less_than_a_dollar() -> None:
    kept = bar(the_question())
    assert kept.kept
    assert 0.1 < kept.measured < 1


def test_the_document_has_the_tables_of_what_was_measured() -> None:
    written = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert written.strip() == tables(the_question())


def test_the_command_tells_services_the_scale_and_the_sum(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["cost", "--users", "100"]) == 0
    shown = capsys.readouterr().out
    assert "100 people, 32,500 requests a month" in shown
    for word in ("API Gateway", "DynamoDB", "CloudWatch", "100,000", "A month: $0."):
        assert word in shown


def test_json_has_everything_and_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--users", "250", "--json", "--region", "sa-east-1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["users"] == 250
    assert told["requests"] == 250 * 325
    assert told["plan"]["region"] == "sa-east-1"
    assert sum(one["usd"] for one in told["by_component"].values()) == pytest.approx(told["usd"])
    assert sum(one["list_usd"] for one in told["charges"]) == pytest.approx(told["list_usd"])
    assert [one["users"] for one in told["scaled"]] == [100, 500, 2_000, 10_000, 100_000]


def test_without_the_free_tier_it_is_what_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--free-tier", "none", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["usd"] == pytest.approx(told["list_usd"])


@pytest.mark.parametrize("arguments", [["--users", "many"], ["--free-tier", "all"]])
def test_nonsense_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["cost", *arguments])
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_region_without_prices_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["cost", "--region", "mars-1"]) == 2
    assert "no prices of mars-1" in capsys.readouterr().err


def test_the_bill_stands_beside_the_part_of_the_prediction_that_is_due_by_now() -> None:
    prediction = predict(the_question(), scale=())
    billed = ActualBill(date(2026, 4, 1), date(2026, 4, 16), {"Lambda": 0.5, "Tax": 0.25}, 1)
    shown = text_of(prediction, billed, details=False)
    assert "by now (50% of the month)" in shown
    (tax,) = (line.split() for line in shown.splitlines() if line.startswith("Tax"))
    assert tax == ["Tax", "$0", "$0", "$0", "$0.25"]
    _, due = prediction.bill.by_component()["API Gateway"]
    (gateway,) = (line for line in shown.splitlines() if line.startswith("API Gateway"))
    assert gateway.split()[-2:] == [dollars(due / 2), "$0"]
    assert "Billed from 2026-04-01 until 2026-04-16: $0.75 (asking cost $0.01)" in shown


def test_a_benchmark_that_was_not_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"operations\.json is missing"):
        load_measured(tmp_path)


def test_results_of_another_kind_are_refused(tmp_path: Path) -> None:
    for file in RESULTS.glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "warming.json").write_text("{}")
    with pytest.raises(ConfigurationError, match=r"warming\.json cannot be used"):
        load_measured(tmp_path)
