"""`javumbo cost`: what a month on AWS costs, predicted from what was measured."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from javumbo.cost.actual import CALL_USD, ActualBill, actual_bill, new_cost_explorer
from javumbo.cost.measured import load_measured
from javumbo.cost.plan import MEGABYTE, Habits, Plan
from javumbo.cost.prices import FreeTier, load_prices
from javumbo.cost.report import (
    Prediction,
    Question,
    Table,
    as_json,
    as_text,
    by_component,
    by_line,
    by_scale,
    dollars,
    predict,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    plan = Plan()
    parser.add_argument(
        "--users", type=_count, default=100, metavar="N", help="people (default: %(default)s)"
    )
    parser.add_argument("--region", default=plan.region, help="whose prices (default: %(default)s)")
    parser.add_argument(
        "--free-tier",
        type=FreeTier,
        choices=list(FreeTier),
        default=FreeTier.ALWAYS,
        help="what of AWS's free tier counts: the part that never ends, or nothing of it"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--collection-mb", type=float, metavar="MB", help="how large one person's collection is"
    )
    parser.add_argument(
        "--warmed",
        type=_count,
        default=plan.warmed,
        metavar="N",
        help="environments kept warm, 0 for none (default: %(default)s)",
    )
    parser.add_argument("--xray", action="store_true", help="trace every request")
    parser.add_argument(
        "--provisioned",
        type=_count,
        default=0,
        metavar="N",
        help="provisioned concurrency (default: none)",
    )
    parser.add_argument("--details", action="store_true", help="every line of the bill")
    parser.add_argument("--json", action="store_true", help="everything, for a program")
    parser.add_argument(
        "--actual",
        action="store_true",
        help="ask AWS what was billed this month, which costs $0.01 a call",
    )
    parser.add_argument(
        "--stage", default="prod", help="the stage whose bill is asked for (default: %(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the prediction; 0.

    Raises ConfigurationError when something was not measured, or AWS does not tell the bill.
    """
    prediction = predict(_question(arguments))
    actual = None
    if arguments.actual:
        today = datetime.now(UTC).date()
        actual = actual_bill(new_cost_explorer(), arguments.stage, today)
    if arguments.json:
        encoded = msgspec.json.encode(as_json(prediction, actual))
        print(msgspec.json.format(encoded, indent=2).decode())
    else:
        print(text_of(prediction, actual, details=arguments.details))
    return 0


def text_of(prediction: Prediction, actual: ActualBill | None, *, details: bool) -> str:
    """The prediction for a person to read."""
    plan = prediction.plan
    about = (
        f"{prediction.users:,} people, {prediction.requests:,.0f} requests a month, {plan.region},"
        f" {plan.memory_mb} MB; prices as of {prediction.prices_as_of}"
    )
    tables: Sequence[Table] = (
        by_component(prediction, actual),
        *([by_line(prediction)] if details else []),
        by_scale(prediction),
    )
    parts = [about, *map(as_text, tables), f"A month: {dollars(prediction.usd)}"]
    if actual:
        asking = dollars(actual.calls * CALL_USD)
        billed = f"Billed from {actual.first} until {actual.end}: {dollars(actual.usd)}"
        parts.append(f"{billed} (asking cost {asking})")
    return "\n\n".join(parts)


def _question(arguments: argparse.Namespace) -> Question:
    measured = load_measured()
    given = arguments.collection_mb
    size = measured.collection_bytes if given is None else given * MEGABYTE
    plan = Plan(
        region=arguments.region,
        memory_mb=measured.memory_mb,
        warmed=arguments.warmed,
        xray=arguments.xray,
        provisioned=arguments.provisioned,
    )
    return Question(
        users=arguments.users,
        plan=plan,
        habits=Habits(collections_bytes=size),
        measured=measured,
        prices=load_prices(),
        free_tier=arguments.free_tier,
    )


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of anything")
    return number
