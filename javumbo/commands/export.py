"""`javumbo export`: take the collection out, or a part of it."""

import argparse
from pathlib import Path

from javumbo.client import EXPORT_FORMATS, Javumbo
from javumbo.commands.output import progress_shown, say
from javumbo.commands.running import add_quiet_argument, describe, guarded

_CHOICE = argparse.BooleanOptionalAction
_NOTE = """\
The file takes its place when it is whole. One that you name is replaced; one in a folder, whose
name the service chooses, is not."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", type=Path, help="a file, or a folder (default: the current one)"
    )
    parser.add_argument(
        "--format",
        choices=EXPORT_FORMATS,
        help="default: by the file's name (.txt: notes_txt), else anki2, the whole collection",
    )
    parser.add_argument("--deck", metavar="NAME", help="only this one, with its subdecks")
    parser.add_argument("--search", metavar="QUERY", help="only what this finds in Anki's browser")
    parser.add_argument("--media", action=_CHOICE, help="media files (packages: yes)")
    parser.add_argument("--scheduling", action=_CHOICE, help="schedules and reviews (apkg)")
    parser.add_argument("--presets", action=_CHOICE, help="options of decks (apkg)")
    parser.add_argument("--legacy", action=_CHOICE, help="packages for Anki before 2.1.50")
    parser.add_argument("--html", action=_CHOICE, help="keep HTML (text files)")
    parser.add_argument(
        "--guarded", action=_CHOICE, help="spreadsheets run no values as formulas (csv: yes)"
    )
    add_quiet_argument(parser)
    describe(parser, _NOTE)


@guarded
def run(arguments: argparse.Namespace) -> int:
    with (
        Javumbo.from_saved_login() as javumbo,
        progress_shown(quiet=arguments.quiet) as progress,
    ):
        options: dict[str, str | int | bool | None] = {
            "deck_id": javumbo.deck(arguments.deck).id if arguments.deck else None,
            "q": arguments.search,
            "media": arguments.media,
            "scheduling": arguments.scheduling,
            "presets": arguments.presets,
            "legacy": arguments.legacy,
            "html": arguments.html,
            "guarded": arguments.guarded,
        }
        exported = javumbo.export(
            arguments.file, format=arguments.format, options=options, progress=progress
        )
    if not arguments.quiet:
        say(f"{exported.path} ({exported.bytes} bytes)")
    return 0
