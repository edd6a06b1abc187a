"""`javumbo add`: add one note, or many from standard input."""

import argparse
import secrets
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from javumbo.client import (
    AddedNote,
    Javumbo,
    ServiceError,
    WrongUsageError,
    config_folder,
    load_login,
)
from javumbo.commands.exit_codes import REFUSED
from javumbo.commands.output import progress_shown, remark, say
from javumbo.commands.rows import AddedRows, Row, keys_of, parse_rows
from javumbo.commands.running import add_quiet_argument, describe, guarded, tell

_SIDES = ("front", "back")
_ADDED, _THERE, _REFUSED = "added", "there before", "refused"
# What the service says of one note; with other errors it would say the same of the next.
_ABOUT_THE_LINE = frozenset({400, 413})
_NOTE = """\
Without FRONT, BACK and --field, notes are read from standard input: one a line, its fields
separated by tabs, after the last one tags, separated by spaces. Lines that a run has added
are not added again by another one within a week, so that it can be repeated after a failure."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("deck", help="the whole name, such as Geo::Capitals")
    parser.add_argument("front", nargs="?")
    parser.add_argument("back", nargs="?")
    parser.add_argument("--tag", action="append", default=[], metavar="TAG", help="may be repeated")
    parser.add_argument("--notetype", metavar="NAME", help="default: front and back")
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a field of --notetype; may be repeated",
    )
    parser.add_argument("--create", action="store_true", help="make the deck if there is none")
    parser.add_argument(
        "--no-duplicates",
        action="store_true",
        help="add nothing whose first field is there already",
    )
    parser.add_argument(
        "--again", action="store_true", help="add also lines that were added before"
    )
    add_quiet_argument(parser)
    describe(parser, _NOTE)


@guarded
def run(arguments: argparse.Namespace) -> int:
    fields = _checked_fields(arguments)
    login = load_login(config_folder())
    with Javumbo(login.server, login.token) as javumbo:
        if arguments.front is not None:
            sides = (arguments.front, arguments.back)
            return _add_one(_adder(javumbo, arguments, _SIDES), sides, quiet=arguments.quiet)
        if fields:
            adder = _adder(javumbo, arguments, tuple(fields))
            return _add_one(adder, tuple(fields.values()), quiet=arguments.quiet)
        lines, names = _read_lines(), _columns(javumbo, arguments.notetype)
        rows = parse_rows(lines, len(names), all_columns=not arguments.notetype)
        before = AddedRows(config_folder(), login)
        return _add_rows(_adder(javumbo, arguments, names), rows, before, arguments)


@dataclass(frozen=True, slots=True)
class _Adder:
    """Adds notes that share all but their values, and perhaps tags."""

    javumbo: Javumbo
    deck_id: int
    notetype: str | None
    names: tuple[str, ...]
    tags: tuple[str, ...]
    allow_duplicate: bool

    def add(
        self, values: Sequence[str], tags: Sequence[str] = (), key: str | None = None
    ) -> AddedNote:
        """Add one; its values are in the order of `names`."""
        add = self._add_sides if self.notetype is None else self._add_fields
        return add(values, tags=(*self.tags, *tags), key=key)

    def _add_sides(
        self, values: Sequence[str], *, tags: Sequence[str], key: str | None
    ) -> AddedNote:
        front, back = values
        return self.javumbo.add(
            self.deck_id, front, back, tags=tags, allow_duplicate=self.allow_duplicate, key=key
        )

    def _add_fields(
        self, values: Sequence[str], *, tags: Sequence[str], key: str | None
    ) -> AddedNote:
        return self.javumbo.add_note(
            self.deck_id,
            self.notetype or "",
            dict(zip(self.names, values, strict=False)),
            tags=tags,
            allow_duplicate=self.allow_duplicate,
            key=key,
        )

    def keys(self, rows: list[Row]) -> list[str]:
        """The Idempotency-Key of each row."""
        return keys_of(rows, self.deck_id, self.notetype, self.allow_duplicate, *self.tags)


def _adder(javumbo: Javumbo, arguments: argparse.Namespace, names: tuple[str, ...]) -> _Adder:
    return _Adder(
        javumbo=javumbo,
        deck_id=_deck_id(javumbo, arguments.deck, create=arguments.create),
        notetype=arguments.notetype,
        names=names,
        tags=tuple(arguments.tag),
        allow_duplicate=not arguments.no_duplicates,
    )


def _deck_id(javumbo: Javumbo, name: str, *, create: bool) -> int:
    try:
        return javumbo.deck(name).id
    except ServiceError as error:
        if error.code != "not_found":
            raise
        if not create:
            raise ServiceError(
                error.code, error.status, f"{error.message} --create makes it."
            ) from None
    return javumbo.create_deck(name).id


def _columns(javumbo: Javumbo, notetype: str | None) -> tuple[str, ...]:
    if notetype is None:
        return _SIDES
    return tuple(field.name for field in javumbo.notetype(notetype).fields)


def _checked_fields(arguments: argparse.Namespace) -> dict[str, str]:
    """Those of --field. Raises WrongUsageError for arguments that do not fit together."""
    fields = dict(_parted(text) for text in arguments.field)
    if fields and not arguments.notetype:
        raise WrongUsageError("--field goes with --notetype.")
    if arguments.front is not None and (fields or arguments.notetype):
        raise WrongUsageError("FRONT and BACK do not go with --notetype.")
    if arguments.front is not None and arguments.back is None:
        raise WrongUsageError("BACK is missing.")
    return fields


def _parted(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise WrongUsageError(f"--field {text!r} is not of the form NAME=VALUE.")
    return name, value


def _read_lines() -> list[str]:
    if sys.stdin.isatty():
        raise WrongUsageError("FRONT and BACK are missing; or give lines on standard input.")
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise WrongUsageError("Standard input is not text in UTF-8.") from None


def _add_one(adder: _Adder, values: Sequence[str], *, quiet: bool) -> int:
    added = adder.add(values)
    if added.duplicate_of is not None:
        remark("there is another note with this first field.")
    if not quiet:
        cards = len(added.card_ids)
        say(f"Added note {added.note_id} with {cards} {'card' if cards == 1 else 'cards'}.")
    return 0


def _add_rows(
    adder: _Adder, rows: list[Row], before: AddedRows, arguments: argparse.Namespace
) -> int:
    """Add what was not added before; a line that is refused stops no other."""
    keys = [secrets.token_hex(16) for _ in rows] if arguments.again else adder.keys(rows)
    counts: Counter[str] = Counter()
    with progress_shown(quiet=arguments.quiet) as progress:
        for done, (row, key) in enumerate(zip(rows, keys, strict=True)):
            progress("notes", done, len(rows))
            counts[_added(adder, row, key, before)] += 1
    if not arguments.quiet:
        say(f"{counts[_ADDED]} added, {counts[_THERE]} there before, {counts[_REFUSED]} refused.")
    return REFUSED if counts[_REFUSED] else 0


def _added(adder: _Adder, row: Row, key: str, before: AddedRows) -> str:
    """What became of a line. Raises ServiceError when the service is in trouble."""
    if key in before:
        return _THERE
    try:
        adder.add(row.values, row.tags, key)
    except ServiceError as error:
        if error.code == "duplicate":
            return _THERE
        if error.status not in _ABOUT_THE_LINE:
            raise
        tell(error, f"line {row.number}: ")
        return _REFUSED
    before.add(key)
    return _ADDED
