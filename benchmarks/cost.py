"""`python -m benchmarks.cost`: the tables of docs/cost.md, from the last results of the others.

Exits with 1 when a month of 100 people costs a dollar or more.
"""

import sys
from dataclasses import replace

from benchmarks.figures import Bar
from benchmarks.publishing import tell, write_tables
from benchmarks.storage import ROOT
from javumbo.cost.measured import load_measured
from javumbo.cost.plan import MEGABYTE, Habits, Plan
from javumbo.cost.prices import FreeTier, load_prices
from javumbo.cost.report import (
    Question,
    as_markdown,
    by_component,
    by_line,
    by_operation,
    by_scale,
    dollars,
    predict,
)

DOCUMENT = ROOT / "docs" / "cost.md"
BEGIN = "<!-- cost tables: begin (written by make bench) -->"
END = "<!-- cost tables: end -->"

PEOPLE = 100
_MOST_USD = 1.0


def the_question() -> Question:
    """What the promise is about: 100 people on what the benchmarks have measured."""
    measured = load_measured()
    return Question(
        users=PEOPLE,
        plan=Plan(memory_mb=measured.memory_mb),
        habits=Habits(collections_bytes=measured.collection_bytes),
        measured=measured,
        prices=load_prices(),
    )


def bar(question: Question) -> Bar:
    usd = predict(question).usd
    promise = f"a month of {PEOPLE} people under {dollars(_MOST_USD)}"
    return Bar(question.plan.region, promise, usd, usd < _MOST_USD)


def tables(question: Question) -> str:
    prediction = predict(question)
    large = replace(question, habits=replace(question.habits, collections_bytes=10 * MEGABYTE))
    return "\n\n".join(
        (
            "### What is asked for",
            as_markdown(by_operation(question.measured)),
            f"### A month of {PEOPLE} people",
            (
                f"{question.plan.region}, {question.plan.memory_mb} MB, prices as of"
                f" {prediction.prices_as_of}, collections of"
                f" {question.habits.collections_bytes / MEGABYTE:.2g} MB."
            ),
            as_markdown(by_component(prediction)),
            "### Line by line",
            as_markdown(by_line(prediction)),
            "### More people, and other ways",
            as_markdown(by_scale(prediction)),
            "The same with collections of 10 MB each:",
            as_markdown(by_scale(predict(large))),
            "### What changes it",
            as_markdown(_variations(question)),
        )
    )


def _variations(question: Question) -> tuple[list[str], list[list[str]]]:
    plan = question.plan
    varied = {
        "as above": question,
        "sa-east-1": replace(question, plan=replace(plan, region="sa-east-1")),
        "no free tier at all": replace(question, free_tier=FreeTier.NONE),
        "nothing kept warm": replace(question, plan=replace(plan, warmed=0)),
        "tracing every request": replace(question, plan=replace(plan, xray=True)),
        "provisioned concurrency of 2": replace(question, plan=replace(plan, provisioned=2)),
    }
    rows = []
    for name, one in varied.items():
        prediction = predict(one, scale=())
        rows.append([name, dollars(prediction.usd), dollars(prediction.bill.list_usd)])
    return ["", "a month", "as listed"], rows


def main() -> int:
    question = the_question()
    write_tables(tables(question), DOCUMENT, BEGIN, END)
    return tell(tables(question), [bar(question)])


if __name__ == "__main__":
    sys.exit(main())
