"""A user is changed as it was read, or not at all."""

import pytest

from chalicelib.accounts.users import User, UserChanges, UserRepository

ADA = User(
    username="ada", name="Ada", password_hash="h", created_at_ms=1, generation="one", ready=False
)
CHANGES: UserChanges = {"name": "Countess", "password_hash": "new", "ready": True}


def test_what_was_read_is_changed(users: UserRepository) -> None:
    users.create(ADA)
    changed = users.change_as_read(ADA, revoke_tokens=True, **CHANGES)
    assert changed == users.get("ada")
    assert changed
    assert (changed.name, changed.password_hash, changed.ready) == ("Countess", "new", True)
    assert changed.token_version == ADA.token_version + 1
    assert users.change_as_read(ADA, **CHANGES) is None


@pytest.mark.parametrize("meanwhile", [{"name": "Other"}, {"password_hash": "other"}])
def test_what_somebody_has_changed_meanwhile_stays(
    users: UserRepository, meanwhile: UserChanges
) -> None:
    users.create(ADA)
    theirs = users.update("ada", **meanwhile)
    assert users.change_as_read(ADA, **CHANGES) is None
    assert users.get("ada") == theirs


def test_a_later_registration_and_nobody_are_left_alone(users: UserRepository) -> None:
    assert users.change_as_read(ADA, **CHANGES) is None
    later = User(username="ada", name="Ada", password_hash="h", created_at_ms=1, generation="two")
    users.create(later)
    assert users.change_as_read(ADA, **CHANGES) is None
    assert users.get("ada") == later
