"""`javumbo import`: bring a file into the collection."""

import argparse
from pathlib import Path

from javumbo.client import IMPORT_FORMATS, IMPORT_TIMEOUT_S, ImportOptions, ImportReport, Javumbo
from javumbo.commands.output import progress_shown, say
from javumbo.commands.running import add_quiet_argument, describe, guarded

_CONDITIONS = ("if_newer", "always", "never")
_NOTE = """A file is imported whole or not at all, whatever its size."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=f"one of .{', .'.join(IMPORT_FORMATS)}")
    parser.add_argument("--format", choices=IMPORT_FORMATS, help="if the file's name does not say")
    parser.add_argument(
        "--replace",
        action="store_true",
        help="put a .colpkg or .anki2 in the place of the whole collection",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=IMPORT_TIMEOUT_S,
        metavar="SECONDS",
        help="how long to wait for a large file to be imported (default: %(default)s)",
    )
    _add_package_arguments(parser.add_argument_group("packages"))
    _add_text_arguments(parser.add_argument_group("text files"))
    add_quiet_argument(parser)
    describe(parser, _NOTE)


def _add_package_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--no-scheduling", action="store_true", help="take all cards for new ones")
    group.add_argument("--no-presets", action="store_true", help="leave out the decks' options")
    group.add_argument("--update-notes", choices=_CONDITIONS, help="default: if_newer")
    group.add_argument("--update-notetypes", choices=_CONDITIONS, help="default: if_newer")
    group.add_argument("--merge-notetypes", action="store_true", help="join differing fields")


def _add_text_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--deck", metavar="NAME", help="where the cards go")
    group.add_argument("--notetype", metavar="NAME", help="what the columns are fields of")
    group.add_argument(
        "--tag", action="append", metavar="TAG", help="for every note; may be repeated"
    )
    group.add_argument(
        "--delimiter", choices=("tab", "pipe", "semicolon", "colon", "comma", "space")
    )
    group.add_argument("--html", action=argparse.BooleanOptionalAction, help="take text as HTML")
    group.add_argument("--names-row", action="store_true", help="the first row names the columns")
    group.add_argument("--if-matches", choices=("update", "preserve", "duplicate"))


@guarded
def run(arguments: argparse.Namespace) -> int:
    with (
        Javumbo.from_saved_login() as javumbo,
        progress_shown(quiet=arguments.quiet) as progress,
    ):
        report = javumbo.import_file(
            arguments.file,
            format=arguments.format,
            mode="replace" if arguments.replace else "merge",
            options=_options(javumbo, arguments),
            progress=progress,
            timeout_s=arguments.timeout,
        )
    if not arguments.quiet:
        _show(report)
    return 0


def _options(javumbo: Javumbo, arguments: argparse.Namespace) -> ImportOptions:
    """Those that were given, by their names in the API."""
    deck, notetype = arguments.deck, arguments.notetype
    return {
        "with_scheduling": False if arguments.no_scheduling else None,
        "with_deck_configs": False if arguments.no_presets else None,
        "update_notes": arguments.update_notes,
        "update_notetypes": arguments.update_notetypes,
        "merge_notetypes": arguments.merge_notetypes or None,
        "deck_id": javumbo.deck(deck).id if deck else None,
        "notetype_id": javumbo.notetype(notetype).id if notetype else None,
        "tags": arguments.tag,
        "delimiter": arguments.delimiter,
        "is_html": arguments.html,
        "has_names_row": arguments.names_row or None,
        "if_matches": arguments.if_matches,
    }


def _show(report: ImportReport) -> None:
    notes = report.notes
    say(
        f"Notes: {notes.new} new, {notes.updated} updated, {notes.unchanged} unchanged, "
        f"{notes.conflicting} conflicting."
    )
    say(f"Added: {report.cards} cards, {report.revlog} reviews, {report.media} media files.")
    for line in report.log:
        say(line)
