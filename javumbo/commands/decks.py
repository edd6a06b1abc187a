"""`javumbo decks`: the tree of decks, with what there is to study today."""

import argparse
from dataclasses import asdict

from javumbo.client import Deck, Javumbo
from javumbo.commands.output import say, say_json
from javumbo.commands.running import describe, guarded

_HEADING = "   new  learn review  total  deck"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="everything, for a program")
    describe(parser, "Counts are of today and include the subdecks.")


@guarded
def run(arguments: argparse.Namespace) -> int:
    with Javumbo.from_saved_login() as javumbo:
        decks = javumbo.decks()
    if arguments.json:
        say_json([asdict(deck) for deck in decks])
        return 0
    say(_HEADING)
    for deck in decks:
        say(_line(deck))
    return 0


def _line(deck: Deck) -> str:
    counts = deck.counts
    numbers = f"{counts.new:6} {counts.learn:6} {counts.review:6} {deck.total_cards:6}"
    # Only the last part of a name: the indentation shows the others.
    return f"{numbers}  {'  ' * (deck.level - 1)}{deck.name.rpartition('::')[2]}"
