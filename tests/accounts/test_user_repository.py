"""What every adapter of the UserRepository does alike."""

from unicodedata import normalize

import bcrypt
import pytest

from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.users import UserRepository
from chalicelib.errors import NotFoundError, UsernameTakenError
from tests.accounts.places import HASHER, Place, refused_fields, stored, user

NOBODY = ["", "nobody", "\ud800", "nul\0", "n" * 300, "名" * 100]


def test_a_created_user_is_read_back_whole(users: UserRepository) -> None:
    bare = user("bare")
    full = user("full", token_version=7, ready=True, utc_offset_minutes=-210, language="pt-BR")
    users.create(bare)
    users.create(full)
    assert users.get("bare") == bare
    assert users.get("full") == full
    assert stored(users, "bare").ready is False
    assert stored(users, "full").ready is True  # and not 1, which JSON would show


def test_another_repository_on_the_same_storage_sees_the_user(place: Place) -> None:
    created = user()
    place.open().create(created)
    assert place.open().get("ana") == created


@pytest.mark.parametrize("username", NOBODY)
def test_a_name_that_nobody_has_is_nobodys(users: UserRepository, username: str) -> None:
    users.create(user())
    assert users.get(username) is None
    assert users.verify_password(username, "correct horse") is None
    users.delete(username)
    with pytest.raises(NotFoundError):
        users.update(username, name="Ana")
    with pytest.raises(NotFoundError):
        users.update(username)


@pytest.mark.parametrize("username", ["", "\ud800", "n" * 300])
def test_a_name_that_nobody_can_have_is_not_created(users: UserRepository, username: str) -> None:
    assert refused_fields(lambda: users.create(user(username))) == {"username"}


@pytest.mark.parametrize("again", ["ana", "ANA", "Ana"])
def test_a_taken_name_is_refused_in_any_case_and_its_user_kept(
    users: UserRepository, again: str
) -> None:
    first = user()
    users.create(first)
    with pytest.raises(UsernameTakenError):
        users.create(user(again, password="another one", name="Impostor", generation="g2"))
    with pytest.raises(UsernameTakenError):
        users.create(first)
    assert users.get("ana") == first


def test_names_are_found_in_any_case(users: UserRepository) -> None:
    users.create(user("Ana.B"))
    assert stored(users, "ANA.b").username == "ana.b"
    assert users.verify_password("aNa.B", "correct horse") is not None
    assert users.update("ANA.B", name="New").username == "ana.b"
    users.delete("ANA.B")
    assert users.get("ana.b") is None


@pytest.mark.parametrize("name", ["Åsa Öberg", "张伟", "👩‍🎓 Ana", "O'Hara; DROP", ":name", "مريم"])
def test_display_names_of_any_script_survive(users: UserRepository, name: str) -> None:
    users.create(user(name=name))
    assert stored(users).name == name
    assert users.update("ana", name=name * 2).name == name * 2


def test_the_right_password_is_recognised_and_a_wrong_one_refused(users: UserRepository) -> None:
    users.create(user(password="correct horse"))
    assert users.verify_password("ana", "correct horse") == users.get("ana")
    for wrong in ("Correct horse", "correct horse ", "correct", ""):
        assert users.verify_password("ana", wrong) is None


@pytest.mark.parametrize(
    "password", ["x" * 73, "x" * 10_000, "\ud800", "nul\0", "\u0301\u0316" * 500_000]
)
def test_a_password_that_no_hash_can_be_of_is_only_wrong(
    users: UserRepository, password: str
) -> None:
    users.create(user())
    assert users.verify_password("ana", password) is None
    assert users.verify_password("nobody", password) is None


def test_a_password_is_the_same_however_the_keyboard_composes_it(users: UserRepository) -> None:
    users.create(user(password=normalize("NFC", "crème brûlée")))
    assert users.verify_password("ana", normalize("NFD", "crème brûlée")) is not None


def test_only_what_is_given_changes(users: UserRepository) -> None:
    before = user(token_version=3, utc_offset_minutes=60)
    users.create(before)
    after = users.update("ana", name="Ana Maria")
    assert after.name == "Ana Maria"
    assert users.get("ana") == after
    assert after == user(
        name="Ana Maria",
        password_hash=before.password_hash,
        token_version=3,
        utc_offset_minutes=60,
    )
    assert users.update("ana") == after


def test_every_changeable_value_can_be_changed_and_optional_ones_cleared(
    users: UserRepository,
) -> None:
    users.create(user())
    changed = users.update(
        "ana",
        name="New",
        password_hash=HASHER.hash("another one"),
        token_version=2,
        ready=True,
        utc_offset_minutes=330,
        language="hi",
    )
    assert (changed.name, changed.token_version, changed.ready) == ("New", 2, True)
    assert (changed.utc_offset_minutes, changed.language) == (330, "hi")
    assert users.verify_password("ana", "another one") == changed
    assert users.verify_password("ana", "correct horse") is None
    cleared = users.update("ana", utc_offset_minutes=None, language=None, ready=False)
    assert (cleared.utc_offset_minutes, cleared.language, cleared.ready) == (None, None, False)
    assert users.get("ana") == cleared


def test_changing_a_user_changes_no_other(users: UserRepository) -> None:
    other = user("other")
    users.create(user())
    users.create(other)
    users.update("ana", name="New", token_version=9)
    users.delete("ana")
    assert users.get("other") == other


def test_a_deleted_user_is_gone_is_not_brought_back_and_frees_the_name(
    users: UserRepository,
) -> None:
    users.create(user())
    users.delete("ana")
    users.delete("ana")
    with pytest.raises(NotFoundError):
        users.update("ana", ready=True)
    assert users.get("ana") is None
    assert users.verify_password("ana", "correct horse") is None
    users.create(user(generation="g2"))
    assert stored(users).generation == "g2"


def test_login_raises_an_old_hash_to_todays_cost(place: Place) -> None:
    place.open().create(user(password="correct horse"))
    users = place.open(PasswordHasher(rounds=5))
    logged_in = users.verify_password("ana", "correct horse")
    assert logged_in == users.get("ana")
    assert logged_in is not None
    assert logged_in.password_hash.startswith("$2b$05$")
    assert users.verify_password("ana", "correct horse") == logged_in


def test_a_wrong_password_or_a_lower_cost_leaves_the_hash_alone(place: Place) -> None:
    created = user(password_hash=PasswordHasher(rounds=5).hash("correct horse"))
    place.open().create(created)
    assert place.open(PasswordHasher(rounds=6)).verify_password("ana", "wrong") is None
    assert place.open(PasswordHasher(rounds=4)).verify_password("ana", "correct horse") == created
    assert place.open().get("ana") == created


def test_a_login_that_overlaps_with_a_change_of_password_does_not_undo_it(place: Place) -> None:
    users = place.open()
    users.create(user(password="old password"))

    class ChangedMeanwhile(PasswordHasher):
        """The password is changed elsewhere while the login's new hash is computed."""

        def hash(self, password: str) -> str:
            users.update("ana", password_hash=HASHER.hash("new password"))
            return super().hash(password)

    place.open(ChangedMeanwhile(rounds=5)).verify_password("ana", "old password")
    assert users.verify_password("ana", "new password") is not None
    assert users.verify_password("ana", "old password") is None


def test_a_password_of_the_earlier_service_that_grows_in_nfc_still_logs_in(place: Place) -> None:
    password = "\u0958" * 24  # 72 bytes as typed, 144 in NFC
    earlier = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    created = user(password_hash=earlier)
    place.open().create(created)
    assert place.open(PasswordHasher(rounds=5)).verify_password("ana", password) == created


class _Counted:
    """bcrypt's check, with a note of the cost of each call."""

    def __init__(self) -> None:
        self.costs: list[str] = []

    def __call__(self, password: bytes, password_hash: bytes) -> bool:
        self.costs.append(password_hash[:7].decode())
        return bcrypt.checkpw(password, password_hash)


@pytest.mark.parametrize("password", ["wrong", "wróng", "x" * 73, "\ud800", "nul\0", ""])
def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(
    place: Place, password: str
) -> None:
    place.open().create(user())
    work: dict[str, list[str]] = {}
    for username in ("ana", "nobody", "", "\ud800"):
        counted = _Counted()
        users = place.open(PasswordHasher(4, checkpw=counted))
        assert users.verify_password(username, normalize("NFD", password)) is None
        work[username] = counted.costs
    assert set(work["ana"]) == {"$2b$04$"}
    assert all(costs == work["ana"] for costs in work.values())


def test_a_revoked_token_stays_revoked_until_it_expires_and_no_other_is(
    users: UserRepository,
) -> None:
    users.revoke_token("one", 2000, now_ms=1000)
    users.revoke_token("one", 2000, now_ms=1000)
    users.revoke_token("two", 9000, now_ms=1999)
    assert users.is_token_revoked("one")
    assert users.is_token_revoked("two")
    assert not users.is_token_revoked("three")
    assert users.get("revoked#one") is None


def test_a_change_of_password_revokes_all_tokens_and_two_at_once_do_not_both_succeed(
    users: UserRepository,
) -> None:
    users.create(user(token_version=3))
    seen = stored(users)
    changed = users.change_password(seen, HASHER.hash("battery staple"))
    assert changed == stored(users)
    assert changed.token_version == 4
    assert users.change_password(seen, HASHER.hash("something else")) is None
    assert users.verify_password("ana", "battery staple") == changed
    assert users.change_password(user("nobody"), HASHER.hash("x")) is None


def test_a_change_of_password_whose_answer_was_lost_is_known_again(users: UserRepository) -> None:
    users.create(user())
    seen, password_hash = stored(users), HASHER.hash("battery staple")
    first = users.change_password(seen, password_hash)
    assert users.change_password(seen, password_hash) == first


def test_tokens_are_revoked_of_this_registration_only(users: UserRepository) -> None:
    users.create(user(generation="g2"))
    assert users.revoke_tokens("ANA", "g2").token_version == 2
    with pytest.raises(NotFoundError):
        users.revoke_tokens("ana", "g1")
    assert stored(users).token_version == 2


def test_what_was_meant_for_an_earlier_registration_leaves_a_later_one_alone(
    users: UserRepository,
) -> None:
    earlier, later = user(generation="g1"), user(generation="g2")
    users.create(later)
    users.delete("ana", generation="g1")
    with pytest.raises(NotFoundError):
        users.update("ana", generation="g1", name="Changed")
    with pytest.raises(NotFoundError):
        users.begin_ending(earlier, 5)
    assert users.get("ana") == later
    users.delete("ana", generation="g2")
    assert users.get("ana") is None


def test_what_ends_is_marked_and_listed_until_it_is_forgotten(users: UserRepository) -> None:
    assert users.endings() == []
    for name in ("ana", "bob"):
        users.create(user(name))
        users.begin_ending(stored(users, name), 1000)
        users.begin_ending(stored(users, name), 1000)
        assert stored(users, name).ending
    ana, bob = sorted(users.endings())
    assert ana == ("ana", "g1", 1000)
    users.forget_ending(ana)
    users.forget_ending(ana)
    assert users.endings() == [bob]
    users.forget_ending(bob)
    assert users.endings() == []


def test_names_that_look_like_what_is_kept_beside_users_are_nobodys(users: UserRepository) -> None:
    users.create(user())
    users.begin_ending(stored(users), 1000)
    users.revoke_token("one", 2000, now_ms=1000)
    for username in ("ENDINGS", "REVOKED#one", "TRIES#name#x"):
        assert users.get(username) is None
        assert users.verify_password(username, "correct horse") is None
