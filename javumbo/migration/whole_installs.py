"""The commands that read or write an old install as a whole: backup, restore, and the way back."""

import argparse

from javumbo.migration.surroundings import (
    check_places_given,
    existing_target,
    now_ms,
    progress,
    settings_of,
)
from migrations.backup import back_up, files_of
from migrations.flask.install import check_there
from migrations.giving_back import give_back_all
from migrations.places import find_backup, open_places
from migrations.restoring import read_manifest, restore
from migrations.stage import LOCAL
from migrations.wording import plain

EXIT_PROBLEMS = 1


def run_backup(arguments: argparse.Namespace) -> int:
    """1 when something in the folder is no file, and so in no backup."""
    check_places_given(arguments)
    admin_db, user_dbs = arguments.admin_db, arguments.user_dbs
    check_there(admin_db, user_dbs)
    stores = open_places(arguments.to, user_dbs, is_local=arguments.stage == LOCAL)
    total = len(files_of(admin_db, user_dbs)[0])
    with progress("Copying", total) as done:
        backup = back_up(admin_db, user_dbs, stores, now_ms() // 1000, arguments.jobs, done)
    size = sum(each.size for each in backup.files)
    print(f"{len(backup.files)} files, {size:,} bytes, read back and equal in each of")
    print("\n".join(f"  {place.rstrip('/')}/{backup.name}" for place in arguments.to))
    return _told([f"no file, not backed up: {path}" for path in backup.left])


def run_restore(arguments: argparse.Namespace) -> int:
    check_places_given(arguments)
    store, name = find_backup(getattr(arguments, "from") or "")
    backup = read_manifest(store, name)
    with progress("Restoring", len(backup.files)) as done:
        restore(store, backup, arguments.admin_db, arguments.user_dbs, arguments.jobs, done)
    size = sum(each.size for each in backup.files)
    print(f"{len(backup.files)} files, {size:,} bytes, written and equal to the manifest")
    return _told([f"was no file, is not there: {path}" for path in backup.left])


def run_reverse(arguments: argparse.Namespace) -> int:
    """1 when somebody gets less than there was, or another name or number."""
    settings = settings_of(arguments)
    check_places_given(arguments)
    target, began_ms = existing_target(settings), now_ms()
    with progress("Writing", len(target.usernames())) as done:
        returned = give_back_all(
            target, arguments.admin_db, arguments.user_dbs, arguments.jobs, done
        )
    seconds = (now_ms() - began_ms) / 1000
    users, files = len(returned.people), returned.files
    print(f"{users} users and {files} collections written in {seconds:.1f} seconds")
    return _told(returned.told)


def _told(lines: list[str]) -> int:
    for line in lines:
        print(f"! {plain(line)}")
    return EXIT_PROBLEMS if lines else 0
