"""Who is to be in the old install again, under which number, name and file.

Everybody has what they have now. Who was renamed has the old name again, who has registered since
a new number, who has deleted the account is gone. Who was never taken, or has never logged in
since, has the old file. Where two claim one number or one name, one of them gets another, and is
told of.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from chalicelib.accounts.users import User
from chalicelib.errors import ConfigurationError
from chalicelib.storage import Owner
from migrations.examining import display_name
from migrations.flask.files import SIDES
from migrations.flask.install import OldUser, Row, read_install
from migrations.forgetting import was_opened
from migrations.noted import noted
from migrations.originals import ADMIN_KEY, FOLDER, collection_key, unclaimed_key
from migrations.parallel import each_of
from migrations.receipts import Receipt
from migrations.standing import is_usable, look
from migrations.target import Target

_LARGEST_ID = 2**63 - 1
_MAX_NAME_BYTES = 255
_NEW, _OLD = "-new", "-old"
Layout = Literal["name", "id"]


@dataclass(frozen=True, slots=True)
class Returned:
    """One row of the new `admin.db`, and the file beside it.

    `file` is its name, "" for none; it is the live collection of `owner`, where there is one,
    else the stored original under `key`.
    """

    row: OldUser
    file: str = ""
    owner: Owner | None = None
    key: str = ""


@dataclass(slots=True)
class Return:
    """Everybody, and what a person has to be told.

    `nameless` are the rows that have no username, as they were, and `loose` the files of these.
    """

    people: list[Returned] = field(default_factory=list)
    nameless: tuple[Row, ...] = ()
    loose: list[Returned] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def plan_return(target: Target, jobs: int) -> Return:
    """Who is to be in the old install; nothing is written."""
    return _Planner(target, jobs).plan()


class _Planner:
    """Gives out numbers and names, each once: first to those who have had theirs."""

    def __init__(self, target: Target, jobs: int) -> None:
        self._target = target
        self._plan = Return()
        self._rows = self._stored_rows()
        self._receipts = target.receipts.all(jobs)
        # What a copy that was cut short was about to replace may be there still.
        self._taken = {
            (one.username, one.generation): one
            for receipt in self._receipts
            for one in receipt.registrations()
        }
        self._of_person: dict[tuple[int, str], list[Receipt]] = {}
        for one in self._receipts:
            self._of_person.setdefault(_who(one), []).append(one)
        self._under_way = {one.username for one in self._receipts if not one.is_done}
        self._noted = noted(target.base)
        self._kept = set(target.base.keys(FOLDER))
        self._live = _live_users(target, jobs)
        self._known = [
            (user, self._taken[user.username, user.generation])
            for user in self._live
            if (user.username, user.generation) in self._taken
        ]
        self._ids = {_id(row) for row in self._plan.nameless}
        self._names: set[str] = set()
        old_ids = {one.user_id for one in self._rows} | {one.user_id for one in self._receipts}
        self._free_ids = _free_ids(old_ids | self._ids)

    def plan(self) -> Return:
        doubled = self._add_known()
        live = {_who(receipt) for _, receipt in self._known}
        for row in self._rows:
            if (row.user_id, row.username) not in live:
                self._add_as_it_was(row)
        for user, receipt in doubled:
            self._add_newcomer(user, f"{receipt.old_username} has two accounts here: ")
        for user in self._live:
            if (user.username, user.generation) not in self._taken:
                self._add_newcomer(user)
        self._add_files_of_nameless()
        self._plan.people.sort(key=lambda one: one.row.user_id)
        return self._plan

    def _add_known(self) -> list[tuple[User, Receipt]]:
        """Who was taken over; returned are those whose number or name another one has got.

        Of two the one comes first who is in the stored `admin.db`, then the later one.
        """
        stored = {(row.user_id, row.username) for row in self._rows}
        self._known.sort(key=lambda pair: (_who(pair[1]) not in stored, -pair[1].now_ms))
        doubled = []
        for user, receipt in self._known:
            if receipt.user_id in self._ids or receipt.old_username in self._names:
                doubled.append((user, receipt))
            else:
                self._add(self._returned(user, receipt))
        return doubled

    def _returned(self, user: User, receipt: Receipt) -> Returned:
        """With the live collection; whoever has not logged in yet has the old file still."""
        shown = display_name(receipt.old_name, user.username)
        name = receipt.old_name if user.name == shown else user.name
        row = OldUser(receipt.user_id, receipt.old_username, name, user.password_hash)
        file, key = _file_name(row, receipt.layout), collection_key(user.username)
        is_kept = key in self._kept
        has_own = user.ready and not self._is_shut(receipt)
        owner = Owner(user.username, user.generation) if has_own else None
        return Returned(row, file if owner or is_kept else "", owner, key if is_kept else "")

    def _is_shut(self, receipt: Receipt) -> bool:
        """Whether a copy was about to remove the collection, which nobody has used."""
        if receipt.username not in self._under_way:
            return False
        return look(self._target, receipt).is_closed

    def _add_newcomer(self, user: User, why: str = "") -> None:
        number, name = next(self._free_ids), self._free_name(user.username, _NEW)
        if why or name != user.username:
            told = f"{why}{user.username} is given back as {name}, number {number}"
            self._plan.told.append(told)
        row = OldUser(number, name, user.name, user.password_hash)
        file = f"{name}.anki2" if user.ready else ""
        self._add(Returned(row, file, Owner(user.username, user.generation)))

    def _add_as_it_was(self, row: OldUser) -> None:
        """An old user without an account here, unless it was deleted here."""
        own = self._of_person.get((row.user_id, row.username), [])
        if own and all(was_opened(one) for one in own):
            return
        layout, key = self._original(row, own)
        had_file = self._noted is None or row.user_id in self._noted.with_file
        if had_file and not key:
            self._plan.told.append(
                f"{row.username} gets no collection: none is kept here; is it in the old install?"
            )
        given = self._renumbered(row)
        self._add(Returned(given, _file_name(given, layout) if key else "", None, key))

    def _original(self, row: OldUser, own: Sequence[Receipt]) -> tuple[Layout, str]:
        """Of which layout the stored original is, and its key; no key for none."""
        places: list[tuple[Layout, str]] = [
            *((one.layout, collection_key(one.username)) for one in own),
            ("name", unclaimed_key(f"{row.username}.anki2")),
            ("id", unclaimed_key(_by_id(row))),
        ]
        return next((each for each in places if each[1] in self._kept), ("name", ""))

    def _renumbered(self, row: OldUser) -> OldUser:
        number = next(self._free_ids) if row.user_id in self._ids else row.user_id
        name = self._free_name(row.username, _OLD)
        if (number, name) != (row.user_id, row.username):
            self._plan.told.append(
                f"{row.username}, number {row.user_id}, is given back as {name}, number {number}:"
                " somebody else has the number or the name"
            )
        return replace(row, user_id=number, username=name)

    def _add_files_of_nameless(self) -> None:
        for row in self._plan.nameless:
            user = OldUser(_id(row), "", "", "")
            key = unclaimed_key(_by_id(user))
            if key in self._kept:
                self._plan.loose.append(Returned(user, _by_id(user), None, key))

    def _add(self, one: Returned) -> None:
        self._ids.add(one.row.user_id)
        self._names.add(one.row.username)
        self._plan.people.append(one)

    def _free_name(self, name: str, ending: str) -> str:
        while name in self._names:
            name += ending
        return name

    def _stored_rows(self) -> tuple[OldUser, ...]:
        try:
            users, self._plan.nameless = _stored_install(self._target)
        except ConfigurationError as error:
            self._plan.told.append(f"Of who was never taken nothing is known: {error.message}")
            return ()
        return users


def _stored_install(target: Target) -> tuple[tuple[OldUser, ...], tuple[Row, ...]]:
    """The rows of the stored `admin.db`, and those without a username."""
    with TemporaryDirectory() as folder:
        copy = Path(folder, "admin.db")
        if target.base.download(ADMIN_KEY, copy) is None:
            return (), ()  # nobody was ever taken over
        for suffix in SIDES:
            target.base.download(ADMIN_KEY + suffix, copy.with_name(copy.name + suffix))
        install = read_install(copy, Path(folder))
    users = tuple(replace(user, file=None, other=None) for user in install.users)
    return users, install.nameless_rows


def _live_users(target: Target, jobs: int) -> list[User]:
    get: Callable[[str], User | None] = target.users.get
    return [user for user in each_of(target.usernames(), get, jobs) if user and is_usable(user)]


def _who(receipt: Receipt) -> tuple[int, str]:
    return receipt.user_id, receipt.old_username


def _file_name(row: OldUser, layout: Layout) -> str:
    """By number what the old program could not have under a name."""
    by_name = f"{row.username}.anki2"
    is_safe = {"/", "\0"}.isdisjoint(by_name) and len(by_name.encode()) <= _MAX_NAME_BYTES
    return by_name if layout == "name" and is_safe else _by_id(row)


def _by_id(row: OldUser) -> str:
    return f"user_{row.user_id}.db"


def _free_ids(used: set[int]) -> Iterator[int]:
    above = range(max(used, default=0) + 1, _LARGEST_ID)
    return (number for number in chain(above, range(1, _LARGEST_ID)) if number not in used)


def _id(row: Row) -> int:
    return int(str(row[0]))
