"""Removing what was kept of the old install, once nobody needs it any more."""

from collections import Counter

from migrations import noted
from migrations.flask.files import SIDES
from migrations.originals import FOLDER, person_keys, unclaimed_key
from migrations.parallel import each_of
from migrations.receipts import Receipt
from migrations.target import Target


def forget_all(target: Target, jobs: int) -> int:
    """Remove everything that was kept; how many objects.

    Afterwards nobody can be compared with the old install, and nobody gets the old name back.
    """
    keys = [*target.base.keys(FOLDER), *_noted(target)]
    each_of(keys, target.base.delete, jobs)
    return len(keys)


def forget_the_gone(target: Target, jobs: int) -> int:
    """Remove the originals of accounts that were taken over and deleted since; how many objects.

    Their receipts stay, which hold nothing of theirs but names: they keep a later copy from
    bringing the accounts back.
    """
    receipts = target.receipts.all(jobs)
    gone = [one for one in receipts if _is_gone(target, one)]
    numbers = Counter(one.user_id for one in receipts)
    keys = [key for one in gone for key in _keys(one, is_only_one=numbers[one.user_id] == 1)]
    there = [key for key in keys if target.base.head(key)]
    each_of(there, target.base.delete, jobs)
    return len(there)


def was_opened(receipt: Receipt) -> bool:
    """Whether the account was made for good: when there is none, the person has deleted it."""
    return receipt.is_done and not receipt.leaving and receipt.fate in ("taken", "empty")


def _keys(receipt: Receipt, *, is_only_one: bool) -> list[str]:
    """Where the person's files may lie, those from before a new name was decided too."""
    loose = [f"{receipt.old_username}.anki2", *[f"user_{receipt.user_id}.db"] * is_only_one]
    sides = ("", *SIDES)
    return [
        *person_keys(receipt.username),
        *(unclaimed_key(name) + side for name in loose for side in sides),
    ]


def _noted(target: Target) -> list[str]:
    return [noted.KEY] if target.base.head(noted.KEY) else []


def _is_gone(target: Target, receipt: Receipt) -> bool:
    if not was_opened(receipt):
        return False
    user = target.users.get(receipt.username)
    return user is None or user.generation != receipt.generation
