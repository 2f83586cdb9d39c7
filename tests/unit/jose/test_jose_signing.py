"""Our own keys: made, kept as bytes, published."""

import json

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from jitney.errors import InvalidInput
from jitney.jose.key_set import parse_key_set
from jitney.jose.signing import SigningKey, sign
from jitney.jose.verifying import ID_TOKEN_TYPES, verify_signature

ALGORITHMS = ("ES256", "RS256", "EdDSA")


def verifies(key: SigningKey, token: str) -> bool:
    published = parse_key_set({"keys": [key.public_jwk]})
    return bool(verify_signature(token, key_set=published, algorithms=ALGORITHMS, types=ID_TOKEN_TYPES))


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_key_survives_being_kept(alg):
    """R-092: the key that was stored signs what the published one verifies."""
    key = SigningKey.generate(alg)
    again = SigningKey.from_private_bytes(key.to_private_bytes())
    assert (key.kid, key.alg, key.public_jwk) == (again.kid, again.alg, again.public_jwk)
    assert verifies(key, sign(again, {"sub": "ada"}, typ="JWT"))


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_the_private_part_shows_nowhere(alg):
    """R-125: neither repr nor the published key holds a private number."""
    key = SigningKey.generate(alg)
    private = json.loads(key.to_private_bytes())
    for name in ("d", "p", "q", "dp", "dq", "qi"):
        assert name not in key.public_jwk
        assert private.get(name, "no such member") not in repr(key)


def test_two_keys_have_two_names():
    """R-092: kids are unique."""
    assert SigningKey.generate("ES256").kid != SigningKey.generate("ES256").kid


@pytest.mark.parametrize(
    ("alg", "pem"),
    [
        ("ES256", ECKey.generate_key("P-256").as_pem(private=True)),
        ("RS256", RSAKey.generate_key(2048).as_pem(private=True)),
        ("EdDSA", OKPKey.generate_key("Ed25519").as_pem(private=True)),
    ],
)
def test_an_operators_key_is_read_from_pem(alg, pem):
    """private_key_jwt: a key made elsewhere signs under the name that was registered."""
    key = SigningKey.from_pem(pem, alg=alg, kid="registered")
    assert "registered" == key.kid
    assert verifies(key, sign(key, {"sub": "ada"}, typ="JWT"))


@pytest.mark.parametrize(
    ("pem", "code"),
    [
        (b"", "signing_key_malformed"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "signing_key_malformed"),
        (ECKey.generate_key("P-256").as_pem(private=False), "signing_key_malformed"),
        (ECKey.generate_key("P-384").as_pem(private=True), "signing_key_unfit"),
        (RSAKey.generate_key(2048).as_pem(private=True), "signing_key_malformed"),
        (ECKey.generate_key("P-256").as_pem(private=True, password="x"), "signing_key_malformed"),
    ],
)
def test_a_pem_that_does_not_fit_is_refused(pem, code):
    """R-072: our own keys obey the rules that we hold others to."""
    assert SigningKey.from_pem(ECKey.generate_key("P-256").as_pem(private=True), alg="ES256")
    with pytest.raises(InvalidInput) as refused:
        SigningKey.from_pem(pem, alg="ES256")
    assert code == refused.value.code


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "HS256"},
        {"alg": "none"},
        {"kid": 7},
        {"kid": None},
        {"d": None},
        {"d": "!"},
        {"d": 7},
        {"d": "AA"},
        {"kty": "oct"},
        {"x": "AA"},
    ],
)
def test_stored_bytes_that_were_changed_are_refused(change):
    """A damaged record is a fault with a name, never a weaker key."""
    stored = json.loads(SigningKey.generate("ES256").to_private_bytes())
    assert SigningKey.from_private_bytes(json.dumps(stored).encode())
    changed = {name: value for name, value in {**stored, **change}.items() if value is not None}
    with pytest.raises(InvalidInput) as refused:
        SigningKey.from_private_bytes(json.dumps(changed).encode())
    assert refused.value.code in ("signing_key_malformed", "signing_key_unfit")
