"""`javumbo stats`: today, the streak, retention, and what is to come."""

import argparse

from javumbo.client import Javumbo, Stats
from javumbo.commands.output import say, say_json
from javumbo.commands.running import describe, guarded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--days",
        type=int,
        default=30,
        metavar="N",
        help="how many days before today, 0 for all (default: %(default)s)",
    )
    parser.add_argument("--deck", metavar="NAME", help="only this one, with its subdecks")
    parser.add_argument("--json", action="store_true", help="everything, for a program")
    describe(parser)


@guarded
def run(arguments: argparse.Namespace) -> int:
    with Javumbo.from_saved_login() as javumbo:
        deck_id = javumbo.deck(arguments.deck).id if arguments.deck else None
        stats = javumbo.stats(days=arguments.days, deck_id=deck_id)
    if arguments.json:
        say_json(stats)
        return 0
    for line in _lines(stats):
        say(line)
    return 0


def _lines(stats: Stats) -> list[str]:
    today, streak, cards = stats["today"], stats["streak"], stats["card_counts"]
    counts = cards["excluding_inactive"]
    answers = sum(sum(day[1:]) for day in stats["reviews"]["count"])
    minutes = sum(sum(day[1:]) for day in stats["reviews"]["time_ms"]) / 60_000
    due_tomorrow = sum(count for day, count in stats["future_due"]["due"] if day == 1)
    minutes_today, again = today["answer_ms"] / 60_000, today["again_count"]
    return [
        f"Today      {today['answer_count']} answers in {minutes_today:.0f} min, {again} again",
        f"Period     {answers} answers in {minutes:.0f} min, {_retention(stats)}",
        f"Streak     {streak['current']} days, the longest {streak['longest']}",
        f"Tomorrow   {due_tomorrow} cards due",
        "Cards      " + ", ".join(f"{count} {state}" for state, count in counts.items()),
    ]


def _retention(stats: Stats) -> str:
    window = stats["retention"]["period"]["all"]
    answered = window["passed"] + window["failed"]
    if not answered:
        return "no retention yet"
    return f"{100 * window['passed'] / answered:.0f}% remembered"
