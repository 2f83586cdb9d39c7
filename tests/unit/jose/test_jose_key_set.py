"""Key sets as real and as hostile publishers write them."""

import json

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey

from jitney.errors import InvalidInput
from jitney.jose.key_set import IgnoredKey, parse_key_set
from jitney.jose.signing import SigningKey

ES256 = SigningKey.generate("ES256")
RS256 = SigningKey.generate("RS256")


def reason(document) -> str:
    with pytest.raises(InvalidInput) as refused:
        parse_key_set(document)
    return refused.value.code


UNUSABLE = [
    ({**ES256.public_jwk, "use": "enc"}, "use_is_not_signature"),
    ({**ES256.public_jwk, "key_ops": ["encrypt"]}, "key_ops_without_verify"),
    ({**ES256.public_jwk, "key_ops": "verify"}, "key_ops_without_verify"),
    ({**RS256.public_jwk, "alg": "RSA-OAEP"}, "algorithm_unknown"),
    ({**RS256.public_jwk, "alg": "HS256"}, "algorithm_unknown"),
    ({**RS256.public_jwk, "alg": "ES256"}, "algorithm_of_another_key_type"),
    ({**RS256.public_jwk, "d": "AQAB"}, "private_part_published"),
    ({**RS256.public_jwk, "kty": "AKP"}, "key_type_unknown"),
    ({**RS256.public_jwk, "kty": 7}, "malformed"),
    ({**RS256.public_jwk, "kid": 7}, "malformed"),
    ({**RS256.public_jwk, "n": 7}, "malformed"),
    ({**RS256.public_jwk, "n": "!"}, "malformed"),
    ({**RS256.public_jwk, "e": "AQ"}, "rsa_exponent_unfit"),  # e = 1: every number is its own signature
    ({**RS256.public_jwk, "e": "Ag"}, "rsa_exponent_unfit"),
    ({"kty": "RSA", "kid": "empty"}, "malformed"),
    ({**ES256.public_jwk, "crv": "secp256k1"}, "curve_unknown"),
    ({"kty": "EC", "crv": []}, "malformed"),
    ({"kty": [], "crv": "P-256"}, "malformed"),
    ({**ES256.public_jwk, "crv": "P-384"}, "algorithm_of_another_key_type"),
    ({**ES256.public_jwk, "x": ES256.public_jwk["y"]}, "malformed"),
    (dict(OKPKey.generate_key("X25519").as_dict(private=False)), "curve_unknown"),
    (dict(OKPKey.generate_key("Ed448").as_dict(private=False)), "curve_unknown"),
    ({**RS256.public_jwk, "n": "x" * 170 + "A"}, "rsa_too_small"),
]


@pytest.mark.parametrize(("jwk", "why"), UNUSABLE)
def test_a_key_that_cannot_check_signatures_is_ignored_with_its_reason(jwk, why):
    """R-072: keys for other uses stand beside signing keys, and are left out one by one."""
    parsed = parse_key_set({"keys": [jwk, SigningKey.generate("ES256").public_jwk]})
    kid = jwk.get("kid")
    assert (IgnoredKey(0, kid if isinstance(kid, str) else None, why),) == parsed.ignored
    assert 1 == len(parsed.keys)


def test_a_huge_modulus_is_ignored():
    """R-127: a key that takes seconds per check is left out, at the door and not at the first token."""
    from joserfc.util import int_to_base64

    jwk = {**RS256.public_jwk, "n": int_to_base64((1 << 16384) + 1)}
    assert ["rsa_too_large"] == [key.reason for key in parse_key_set({"keys": [jwk]}).ignored]
    assert () == parse_key_set({"keys": [RS256.public_jwk]}).ignored


@pytest.mark.parametrize("jwk", [OctKey.generate_key(256).as_dict(), {"kty": "RSA", "k": "c2VjcmV0"}])
def test_a_set_with_a_shared_secret_is_refused(jwk):
    """R-072: HMAC keys never come from a key set, and a mixed set is refused whole."""
    assert 1 == len(parse_key_set({"keys": [ES256.public_jwk]}).keys)
    assert "jwks_symmetric_key" == reason({"keys": [ES256.public_jwk, jwk]})


def test_one_name_for_two_keys_is_refused():
    """R-072: a duplicate kid with other material is refused; the same key twice is only a repetition."""
    first = ES256.public_jwk
    assert 2 == len(parse_key_set({"keys": [first, first]}).keys)
    other = {**SigningKey.generate("ES256").public_jwk, "kid": ES256.kid}
    assert "jwks_duplicate_kid" == reason({"keys": [first, other]})


def test_the_same_key_under_two_algorithms_serves_both():
    """A publisher may list one RSA key for RS256 and for PS256 under one name."""
    parsed = parse_key_set({"keys": [RS256.public_jwk, {**RS256.public_jwk, "alg": "PS256"}]})
    assert "PS256" == parsed.select(key_id=RS256.kid, algorithm="PS256").algorithm
    assert "RS256" == parsed.select(key_id=RS256.kid, algorithm="RS256").algorithm


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", "jwks_malformed"),
        (b"[]", "jwks_malformed"),
        (b"{}", "jwks_malformed"),
        (b'{"keys":{}}', "jwks_malformed"),
        (b'{"keys":[7]}', "jwks_malformed"),
        (b'{"keys":[],"keys":[]}', "jwks_duplicate_json_key"),
        (b'{"keys":' + b"[" * 99 + b"]" * 99 + b"}", "jwks_too_deep"),
        (b'{"keys":[' + b",".join([b"{}"] * 65) + b"]}", "jwks_too_many_keys"),
        (b'{"keys":[]}' + b" " * 1024 * 1024, "jwks_too_large"),
    ],
)
def test_a_document_that_is_no_key_set_is_refused(document, code):
    """R-071: the bounds of JSON hold for key sets too."""
    assert 1 == len(parse_key_set(json.dumps({"keys": [ES256.public_jwk]}).encode()).keys)
    assert code == reason(document)


def test_a_key_says_no_to_an_algorithm_that_is_not_its_own():
    """R-072: a key asked about a foreign algorithm has signed nothing."""
    key = parse_key_set({"keys": [ES256.public_jwk]}).keys[0]
    signature = ES256.signature(b"text")
    assert key.has_signed(b"text", signature, algorithm="ES256")
    assert not key.has_signed(b"text", signature, algorithm="ES384")


def test_an_empty_set_is_a_set():
    """A publisher may have withdrawn all its keys."""
    assert () == parse_key_set(b'{"keys":[]}').keys


@pytest.mark.parametrize(("alg", "curve"), [("ES384", "P-384"), ("ES512", "P-521")])
def test_the_curve_must_be_the_algorithms_own(alg, curve):
    """R-072: the wrong curve for alg is refused, the right one accepted."""
    parsed = parse_key_set({"keys": [{**ECKey.generate_key(curve).as_dict(private=False), "kid": "k"}]})
    assert curve == parsed.select(key_id="k", algorithm=alg).kind.curve
    with pytest.raises(InvalidInput) as refused:
        parsed.select(key_id="k", algorithm="ES256")
    assert "jws_key_unfit" == refused.value.code
