"""Whatever arrives, the verifier answers with a verified token or with one of its own faults."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jitney.errors import InvalidInput
from jitney.jose.key_set import parse_key_set
from jitney.jose.limits import parse_json_object
from jitney.jose.signing import SigningKey, sign
from jitney.jose.verifying import ID_TOKEN_TYPES, verify_signature

ALGORITHMS = ("ES256", "RS256", "EdDSA")
KEYS = {alg: SigningKey.generate(alg) for alg in ALGORITHMS}
PUBLISHED = parse_key_set({"keys": [key.public_jwk for key in KEYS.values()]})
TOKENS = {alg: sign(key, {"sub": "ada"}, typ="JWT") for alg, key in KEYS.items()}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


def verify(token: str) -> object:
    return verify_signature(token, key_set=PUBLISHED, algorithms=ALGORITHMS, types=ID_TOKEN_TYPES)


def is_refused(token: str) -> bool:
    with pytest.raises(InvalidInput):
        verify(token)
    return True


@settings(max_examples=300, deadline=None)
@given(alg=st.sampled_from(ALGORITHMS), data=st.data())
def test_a_mutated_token_never_verifies(alg, data):
    """R-071, R-128: any single change of a good token is refused, by a fault with a name."""
    token = TOKENS[alg]
    at = data.draw(st.integers(0, len(token) - 1))
    piece = data.draw(st.text(max_size=3) | st.sampled_from([".", "=", "-", "_", "A", "\0"]))
    mutated = token[:at] + piece + token[at + data.draw(st.integers(0, 3)) :]
    assert verify(token)
    assert mutated == token or is_refused(mutated)


@settings(max_examples=300, deadline=None)
@given(
    st.text()
    | st.from_regex(r"[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,90}", fullmatch=True)
)
def test_noise_is_refused(noise):
    """R-128: no text crashes the verifier."""
    assert is_refused(noise)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5c"]), json_values)
)
def test_any_header_is_refused_under_a_foreign_signature(header):
    """R-071, R-128: no header, of whatever types, makes a token good or the verifier fall."""
    from jitney.jose import base64url

    part = base64url.encode(json.dumps(header).encode()).decode()
    assert is_refused(part + TOKENS["ES256"][TOKENS["ES256"].index(".") :]) or header == {}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        json_values
        | st.dictionaries(
            st.sampled_from(["kty", "crv", "x", "y", "n", "e", "kid", "use", "key_ops", "alg"]),
            json_values | st.sampled_from(["RSA", "EC", "OKP", "P-256", "Ed25519", "AQAB", "RS256"]),
        ),
        max_size=3,
    )
)
def test_any_key_set_is_read_or_refused(entries):
    """R-072, R-128: no key set crashes the reader."""
    with suppress(InvalidInput):
        assert len(parse_key_set({"keys": entries}).keys) <= len(entries)


@settings(max_examples=300, deadline=None)
@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_document_is_read_or_refused(document):
    """R-128: no octets crash the reader of JSON, and what it returns can be written again."""
    with suppress(InvalidInput):
        assert json.dumps(parse_json_object(document), ensure_ascii=False).encode()
