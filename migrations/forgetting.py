"""Removing what was kept of the old install, once nobody needs it any more."""

from migrations.originals import FOLDER, person_keys
from migrations.parallel import each_of
from migrations.receipts import Receipt
from migrations.target import Target


def forget_all(target: Target, jobs: int) -> int:
    """Remove everything that was kept; how many objects.

    Afterwards nobody can be compared with the old install, and nobody gets the old name back.
    """
    keys = target.base.keys(FOLDER)
    each_of(keys, target.base.delete, jobs)
    return len(keys)


def forget_the_gone(target: Target, jobs: int) -> int:
    """Remove the originals of accounts that were taken over and deleted since; how many objects.

    Their receipts stay, which hold nothing of theirs but names: they keep a later copy from
    bringing the accounts back.
    """
    gone = [one for one in target.receipts.all(jobs) if _is_gone(target, one)]
    keys = [key for one in gone for key in person_keys(one.username)]
    there = [key for key in keys if target.base.head(key)]
    each_of(there, target.base.delete, jobs)
    return len(there)


def _is_gone(target: Target, receipt: Receipt) -> bool:
    if receipt.fate == "not_taken" or not receipt.is_done:
        return False
    user = target.users.get(receipt.username)
    return user is None or user.generation != receipt.generation
