"""A token is believed only when one of our keys signed it, for us, and it has not expired."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.accounts.tokens import REQUIRED_CLAIMS, Claims, SigningKey, TokenService
from chalicelib.errors import ConfigurationError, UnauthorizedError
from tests.accounts.places import user

NOW_MS = 1_700_000_000_500
LIFETIME_S = 3600
KEY = SigningKey("k1", b"1" * 32)
NEW_KEY = SigningKey("k2", b"2" * 32)
ANA = user(password_hash="", token_version=3)

tokens = TokenService([KEY], LIFETIME_S)
issued = tokens.issue(ANA, NOW_MS, "jti-1")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def claims(**changes: Any) -> dict[str, Any]:
    """What our own token says, with changes; a claim that becomes ... is left out."""
    own = jwt.decode(issued.token, options={"verify_signature": False}) | changes
    return {name: value for name, value in own.items() if value is not ...}


def signed(payload: Any, **header: Any) -> str:
    """Signed by our key, whatever is said; a part of the header that is ... is left out."""
    whole = {"alg": "HS256", "kid": KEY.kid} | header
    signing_input = unsigned({k: v for k, v in whole.items() if v is not ...}, payload)[:-1]
    signature = hmac.digest(KEY.secret, signing_input.encode(), "sha256")
    return f"{signing_input}.{_encoded(signature)}"


def unsigned(header: Any, payload: Any, signature: str = "") -> str:
    parts = (_encoded(json.dumps(part).encode()) for part in (header, payload))
    return ".".join([*parts, signature])


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def assert_refused(token: str, now_ms: int = NOW_MS) -> None:
    with pytest.raises(UnauthorizedError):
        tokens.verify(token, now_ms)


def test_a_token_says_whose_it_is_which_and_until_when() -> None:
    assert tokens.verify(issued.token, NOW_MS) == Claims(
        username="ana",
        generation="g1",
        token_version=3,
        jti="jti-1",
        expires_at_ms=issued.expires_at_ms,
    )
    assert issued.expires_at_ms == 1_700_000_000_000 + LIFETIME_S * 1000
    assert tokens.verify(signed(claims()), NOW_MS) == tokens.verify(issued.token, NOW_MS)


def test_a_token_holds_until_the_millisecond_it_expires() -> None:
    tokens.verify(issued.token, issued.expires_at_ms - 1)
    assert_refused(issued.token, issued.expires_at_ms)
    assert_refused(issued.token, issued.expires_at_ms * 10)


def test_a_token_from_the_future_is_refused_beyond_what_clocks_differ() -> None:
    tokens.verify(issued.token, NOW_MS - 60_000)
    assert_refused(issued.token, NOW_MS - 61_000)


@pytest.mark.parametrize("claim", REQUIRED_CLAIMS)
@pytest.mark.parametrize("value", [..., None])
def test_a_token_without_one_of_the_claims_is_refused(claim: str, value: Any) -> None:
    assert_refused(signed(claims(**{claim: value})))


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another"},
        {"aud": ["javumbo-api", "another"]},
        {"aud": ["javumbo-api"]},
        {"iss": "another"},
        {"exp": "9999999999"},
        {"exp": True},
        {"exp": 9999999999.5},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"iat": "0"},
        {"iat": -float("inf")},
        {"ver": "3"},
        {"ver": True},
        {"sub": 5},
        {"sub": ["ana"]},
        {"jti": 5},
        {"gen": 5},
        {"gen": ["g1"]},
    ],
)
def test_a_claim_of_another_value_or_kind_is_refused(wrong: dict[str, Any]) -> None:
    assert_refused(signed(claims(**wrong)))


@pytest.mark.parametrize("alg", ["none", "None", "", None, "HS512", "RS256", ["HS256"], {}])
def test_no_other_algorithm_is_accepted(alg: Any) -> None:
    header = {"typ": "JWT", "alg": alg, "kid": KEY.kid}
    assert_refused(unsigned(header, claims()))
    assert_refused(unsigned(header, claims(), issued.token.rpartition(".")[2]))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_our_key_under_another_algorithm_is_refused(algorithm: str) -> None:
    assert_refused(jwt.encode(claims(), KEY.secret, algorithm, headers={"kid": KEY.kid}))


def test_a_forged_token_is_refused() -> None:
    header, payload, signature = issued.token.split(".")
    forged = unsigned({}, claims(sub="bob")).split(".")[1]
    assert_refused(f"{header}.{forged}.{signature}")
    assert_refused(f"{header}.{payload}.")
    assert_refused(f"{header}.{payload}")
    assert_refused(jwt.encode(claims(), NEW_KEY.secret, "HS256", headers={"kid": KEY.kid}))


@pytest.mark.parametrize("kid", [..., None, "", "k2", "K1", 5, ["k1"], {"k1": 1}])
def test_a_token_that_names_no_key_of_ours_is_refused(kid: Any) -> None:
    assert_refused(signed(claims(), kid=kid))


def test_a_key_is_rotated_without_logging_anybody_out() -> None:
    rotated = TokenService([NEW_KEY, KEY], LIFETIME_S)
    fresh = rotated.issue(ANA, NOW_MS, "jti-2")
    assert rotated.verify(issued.token, NOW_MS).jti == "jti-1"
    assert rotated.verify(fresh.token, NOW_MS).jti == "jti-2"
    retired = TokenService([NEW_KEY], LIFETIME_S)
    assert retired.verify(fresh.token, NOW_MS).jti == "jti-2"
    with pytest.raises(UnauthorizedError):
        retired.verify(issued.token, NOW_MS)
    assert_refused(fresh.token)


@pytest.mark.parametrize(
    "start",
    [
        lambda: SigningKey("k1", b"1" * 31),
        lambda: SigningKey("k1", b""),
        lambda: TokenService([], LIFETIME_S),
        lambda: TokenService([KEY, SigningKey("k1", b"2" * 32)], LIFETIME_S),
    ],
)
def test_a_weak_missing_or_ambiguous_key_stops_the_start(start: Callable[[], object]) -> None:
    with pytest.raises(ConfigurationError):
        start()


def test_secrets_stay_out_of_what_is_printed() -> None:
    printed = repr([KEY, issued, user()])
    assert "1111" not in printed
    assert issued.token not in printed
    assert "$2b$" not in printed


@given(st.text(st.characters()) | st.text(".eyJ", max_size=10))
@example("\ud800")
def test_any_text_is_refused_and_nothing_worse(text: str) -> None:
    assert_refused(text)


def test_a_huge_text_is_refused() -> None:
    assert_refused("[" * 1_000_000)
    assert_refused(signed(claims(jti="j" * 5000)))


@given(JSON, JSON)
def test_any_json_under_no_signature_is_refused(header: Any, payload: Any) -> None:
    assert_refused(unsigned(header, payload, issued.token.rpartition(".")[2]))


@given(st.integers(0, len(issued.token) - 1), st.characters())
def test_a_token_with_any_character_changed_is_refused(place: int, character: str) -> None:
    changed = issued.token[:place] + character + issued.token[place + 1 :]
    if changed != issued.token:
        assert_refused(changed)


@given(st.dictionaries(st.sampled_from([*REQUIRED_CLAIMS, "nbf", "crit"]), JSON))
def test_even_our_own_signature_over_any_json_gives_claims_or_a_refusal(
    changes: dict[str, Any],
) -> None:
    payload = claims() | changes
    try:
        found = tokens.verify(signed(payload), NOW_MS)
    except UnauthorizedError:
        return
    assert found.username == payload["sub"]
    assert isinstance(found.generation, str)
    assert type(found.token_version) is int


def test_the_name_of_a_key_follows_from_its_secret_and_does_not_tell_it() -> None:
    first, second = SigningKey.of(b"1" * 32), SigningKey.of(b"2" * 32)
    assert first == SigningKey.of(b"1" * 32)
    assert first.kid != second.kid
    # Where the current secret has become the previous one, its tokens are still good.
    old = TokenService([first], lifetime_s=60).issue(ANA, NOW_MS, "jti").token
    assert TokenService([second, first], lifetime_s=60).verify(old, NOW_MS).jti == "jti"
    with pytest.raises(UnauthorizedError):
        TokenService([second], lifetime_s=60).verify(old, NOW_MS)
