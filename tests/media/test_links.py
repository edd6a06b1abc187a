import base64
import string
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import NotFoundError
from chalicelib.media.kinds import UNKNOWN, content_disposition, content_type
from chalicelib.media.links import MediaLinks
from chalicelib.media.presigning import S3Addresses
from chalicelib.storage import Owner

SECRET = b"a secret of thirty-two bytes or more"
HALF_HOUR_MS = 1800 * 1000
URL_SAFE = set(string.ascii_letters + string.digits + "-_")

alphanumeric = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=3, max_size=32)
owners = st.builds(Owner, alphanumeric.map(lambda name: f"{name[:29]}.-_"), alphanumeric)
times = st.integers(0, 4_000_000_000_000)


@given(owners, times)
def test_a_token_stands_for_its_owner_for_half_an_hour_to_an_hour(
    owner: Owner, now_ms: int
) -> None:
    links = MediaLinks(SECRET)
    token = links.token(owner, now_ms)
    assert set(token) <= URL_SAFE
    found, left_s = links.owner(token, now_ms)
    assert found == owner
    assert 1800 < left_s <= 3600
    assert links.owner(token, now_ms + (left_s - 1) * 1000) == (owner, 1)
    with pytest.raises(NotFoundError):
        links.owner(token, now_ms + left_s * 1000)


@given(times)
def test_a_token_stays_the_same_for_half_an_hour(now_ms: int) -> None:
    links, owner = MediaLinks(SECRET), Owner("ada", "g1")
    start_ms = now_ms // HALF_HOUR_MS * HALF_HOUR_MS
    assert links.token(owner, start_ms) == links.token(owner, start_ms + HALF_HOUR_MS - 1)
    assert links.token(owner, start_ms) != links.token(owner, start_ms + HALF_HOUR_MS)


@given(st.integers(0, 10_000), st.sampled_from(sorted(URL_SAFE)))
def test_no_character_of_a_token_can_be_changed(place: int, character: str) -> None:
    links = MediaLinks(SECRET)
    token = links.token(Owner("ada", "g1"), 0)
    place %= len(token)
    forged = token[:place] + character + token[place + 1 :]
    if forged != token:
        with pytest.raises(NotFoundError):
            links.owner(forged, 0)


@given(st.text(max_size=600))
def test_what_is_no_token_is_nobodys(text: str) -> None:
    with pytest.raises(NotFoundError):
        MediaLinks(SECRET).owner(text, 0)


def test_tokens_of_another_service_and_claims_of_ones_own_are_nobodys() -> None:
    links = MediaLinks(SECRET)
    with pytest.raises(NotFoundError):
        links.owner(MediaLinks(SECRET + b"!").token(Owner("ada", "g1"), 0), 0)
    for claims in (b"9999999999/g1/ada", b"", bytes(32), bytes(32) + b"9999999999/g1/ada"):
        with pytest.raises(NotFoundError):
            links.owner(base64.urlsafe_b64encode(claims).decode().rstrip("="), 0)
    padded = links.token(Owner("ada", "g1"), 0)
    for text in (f"{padded}=", f"{padded}A", padded[:-1], padded * 9):
        with pytest.raises(NotFoundError):
            links.owner(text, 0)


@pytest.mark.parametrize(
    "name", ["a.html", "a.htm", "a.xhtml", "a.xml", "a.js", "a.pdf", "a.swf", "a", "a.", ".png.exe"]
)
def test_what_could_run_or_is_not_known_is_only_saved(name: str) -> None:
    assert content_type(name) == UNKNOWN
    assert content_disposition(name).startswith("attachment;")


def test_a_picture_that_could_run_as_a_page_is_shown_inside_of_pages_only() -> None:
    assert content_type("a.SVG") == "image/svg+xml"
    assert content_disposition("a.SVG").startswith("attachment;")


@pytest.mark.parametrize("name", ["a.png", "b.JPG", "c.mp3", "d.webm", "_e.css", "_f.woff2"])
def test_what_cards_show_is_shown(name: str) -> None:
    assert content_type(name) != UNKNOWN
    assert content_disposition(name) == "inline"


@given(st.text(max_size=60))
def test_no_name_breaks_out_of_its_header(name: str) -> None:
    shown = content_disposition(name.encode(errors="replace").decode())
    assert shown.isascii()
    assert shown.isprintable()
    assert shown.count(";") <= 1
    assert '"' not in shown


def test_s3_is_told_how_to_serve_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed: who has the address cannot have it served in another way."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    address = urlsplit(S3Addresses("bucket").address("media/ada/g1/x", "é.svg", 900))
    assert address.netloc == "bucket.s3.eu-west-1.amazonaws.com"
    query = {name: value for name, (value,) in parse_qs(address.query).items()}
    assert address.path.endswith("/media/ada/g1/x")
    assert query["response-content-type"] == "image/svg+xml"
    assert query["response-content-disposition"] == "attachment; filename*=UTF-8''%C3%A9.svg"
    assert query["response-cache-control"] == "private, max-age=900"
    assert query["X-Amz-Expires"] == "900"
    assert query["X-Amz-SignedHeaders"] == "host"
