"""Uploads and downloads over signed addresses of this server."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import NotFoundError, TooLargeError, TooManyRequestsError
from chalicelib.storage import Owner
from chalicelib.transfers import FORMATS, LocalTransferAddresses, UploadId
from chalicelib.transfers.transfers import KEPT_MS, LIFETIME_MS, MAX_WAITING
from tests.transfers.world import ADA, FILE, GRACE, MAX_BYTES, NOW_MS, SECRET, World

AGAIN = Owner("ada", "gen2")


def parsed(upload_id: str) -> UploadId:
    found = UploadId.parse(upload_id)
    assert found
    return found


def test_what_is_sent_is_what_is_fetched(any_world: World, tmp_path: Path) -> None:
    upload_id, token = any_world.offer()
    assert any_world.door.receive(token, [b"one", b"", b" file"]) == len(FILE)
    path = tmp_path / "fetched"
    etag = any_world.transfers.fetch(ADA, parsed(upload_id), path)
    assert path.read_bytes() == FILE
    assert any_world.transfers.etag(ADA, parsed(upload_id)) == etag


def test_a_file_sent_again_takes_the_place_of_the_first(any_world: World, tmp_path: Path) -> None:
    upload_id, token = any_world.offer()
    for content in (b"first", b"second"):
        any_world.door.receive(token, [content])
    any_world.transfers.fetch(ADA, parsed(upload_id), tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == b"second"


@pytest.mark.parametrize("stranger", [GRACE, AGAIN, Owner("ada")])
def test_nobody_else_reaches_an_upload(any_world: World, tmp_path: Path, stranger: Owner) -> None:
    upload_id = parsed(any_world.upload())
    with pytest.raises(NotFoundError):
        any_world.transfers.etag(stranger, upload_id)
    with pytest.raises(NotFoundError):
        any_world.transfers.fetch(stranger, upload_id, tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()


def test_as_much_as_was_agreed_is_taken_and_not_a_byte_more(world: World) -> None:
    upload_id, token = world.offer(size=10)
    world.door.receive(token, [bytes(10)])
    world.transfers.remove(ADA, parsed(upload_id))
    endless = iter(lambda: b"x", b"")
    for too_much in ([bytes(11)], [bytes(6), bytes(5)], endless):
        with pytest.raises(TooLargeError):
            world.door.receive(token, too_much)
    assert not world.has_upload(upload_id)


def test_nothing_is_offered_over_the_limit(world: World) -> None:
    world.offer(MAX_BYTES)
    with pytest.raises(TooLargeError):
        world.offer(MAX_BYTES + 1)


def test_an_address_works_until_it_expires(world: World) -> None:
    _, token = world.offer()
    world.wait(LIFETIME_MS - 1)
    assert world.door.max_bytes(token) == MAX_BYTES
    world.door.receive(token, [FILE])
    world.wait(1)
    assert world.door.max_bytes(token) == 0
    with pytest.raises(NotFoundError):
        world.door.receive(token, [FILE])


def test_an_address_is_for_one_purpose(world: World, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(FILE)
    _, upload = world.offer()
    url = world.transfers.offer_download(ADA, tmp_path / "given", "a.apkg").url
    download = url.removeprefix("/downloads/")
    world.door.receive(upload, [FILE])
    with pytest.raises(NotFoundError), world.door.opened(upload):
        pass
    with pytest.raises(NotFoundError):
        world.door.receive(download, [FILE])
    assert world.door.max_bytes(download) == 0


def test_an_address_of_another_secret_is_worth_nothing(world: World) -> None:
    other = LocalTransferAddresses(b"t" * 32)
    address = other.for_upload("uploads/ada/gen1/x", max_bytes=5, expires_ms=NOW_MS + 5)
    with pytest.raises(NotFoundError):
        world.door.receive(address.url.removeprefix("/uploads/"), [b"x"])


@given(st.data())
def test_a_token_that_differs_in_one_character_is_forged(data: st.DataObject) -> None:
    addresses = LocalTransferAddresses(SECRET)
    url = addresses.for_upload("uploads/ada/gen1/x", max_bytes=5, expires_ms=NOW_MS + 5).url
    token = url.removeprefix("/uploads/")
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.sampled_from("ABCxyz019-_.=é ") | st.just(""))
    forged = token[:place] + character + token[place + 1 :]
    found = addresses.grant("upload", forged, NOW_MS)
    assert (found is not None) == (forged == token)


@given(st.text(max_size=60))
def test_no_text_is_a_token(text: str) -> None:
    assert LocalTransferAddresses(SECRET).grant("upload", text, NOW_MS) is None


def test_a_download_is_the_file_under_its_name(any_world: World, tmp_path: Path) -> None:
    file = tmp_path / "given"
    file.write_bytes(FILE)
    offer = any_world.transfers.offer_download(ADA, file, "ada.apkg")
    file.unlink()
    assert offer.expires_at_ms == NOW_MS + LIFETIME_MS
    token = offer.url.removeprefix("/downloads/")
    for _ in range(2):
        with any_world.door.opened(token) as opened:
            assert opened.path.read_bytes() == FILE
            assert opened.headers["Content-Disposition"] == 'attachment; filename="ada.apkg"'
        assert not opened.path.exists()
    any_world.wait(LIFETIME_MS)
    with pytest.raises(NotFoundError), any_world.door.opened(token):
        pass


def test_only_so_many_uploads_wait(any_world: World) -> None:
    waiting = [any_world.upload() for _ in range(MAX_WAITING)]
    with pytest.raises(TooManyRequestsError):
        any_world.offer()
    any_world.offer(owner=GRACE)
    any_world.transfers.remove(ADA, parsed(waiting[0]))
    any_world.offer()


def test_what_nobody_came_back_for_goes_after_two_days(any_world: World, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(FILE)
    any_world.transfers.offer_download(ADA, tmp_path / "given", "a.apkg")
    old = any_world.upload()
    any_world.wait(KEPT_MS - 1)
    young = any_world.upload(owner=GRACE)
    any_world.transfers.sweep()
    assert any_world.has_upload(old)
    any_world.wait(1)
    any_world.transfers.sweep()
    assert not any_world.has_upload(old)
    assert any_world.has_upload(young, GRACE)
    assert any_world.base.keys("downloads/") == []


def test_a_registrations_files_can_be_removed(any_world: World, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(FILE)
    kept, gone = any_world.upload(owner=GRACE), any_world.upload()
    any_world.transfers.offer_download(ADA, tmp_path / "given", "a.apkg")
    any_world.transfers.delete_all(ADA)
    assert any_world.has_upload(kept, GRACE)
    assert not any_world.has_upload(gone)
    assert any_world.base.keys("downloads/") == []


@given(
    st.integers(0, 10**15 - 1),
    st.integers(0, 10**15 - 1),
    st.sampled_from(FORMATS),
    st.integers(0, 2**96 - 1),
)
def test_an_upload_id_says_all_that_it_was_made_of(
    made_ms: int, size: int, file_format: str, random: int
) -> None:
    upload_id = UploadId(made_ms, size, file_format, random)  # type: ignore[arg-type]
    assert UploadId.parse(str(upload_id)) == upload_id
    assert len(str(upload_id)) <= 64
    assert UploadId.parse(f"{upload_id}/x") is None
