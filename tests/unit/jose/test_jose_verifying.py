"""Tokens that are refused, each beside the same token without its defect."""

import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from jitney.errors import InvalidInput
from jitney.jose.key_set import KeySet, parse_key_set
from jitney.jose.signing import SigningKey, sign, sign_hmac
from jitney.jose.verifying import (
    ACCESS_TOKEN_TYPES,
    CLIENT_ASSERTION_TYPES,
    ID_TOKEN_TYPES,
    VerifiedToken,
    verify_hmac,
    verify_signature,
)

ES256 = SigningKey.generate("ES256")
RS256 = SigningKey.generate("RS256")
EDDSA = SigningKey.generate("EdDSA")
KEYS = parse_key_set({"keys": [ES256.public_jwk, RS256.public_jwk, EDDSA.public_jwk]})
ALL = ("ES256", "RS256", "EdDSA")
CLAIMS = {"iss": "https://idp.example", "sub": "ada"}
SECRET = b"s" * 32


def part(value: object) -> str:
    octets = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def handmade(header: object, claims: object = CLAIMS, *, key: SigningKey = ES256) -> str:
    """Sign any header over any payload, as only a test would."""
    signing_input = f"{part(header)}.{part(claims)}"
    return f"{signing_input}.{part(key.signature(signing_input.encode()))}"


def verify(token: str, *, key_set: KeySet = KEYS, algorithms=ALL, types=ID_TOKEN_TYPES) -> VerifiedToken:
    return verify_signature(token, key_set=key_set, algorithms=algorithms, types=types)


def reason(token: str, **changes) -> str:
    with pytest.raises(InvalidInput) as refused:
        verify(token, **changes)
    return refused.value.code


@pytest.mark.parametrize("key", [ES256, RS256, EDDSA], ids=lambda key: key.alg)
def test_what_we_sign_we_verify(key):
    """A token of ours comes back with its header and its claims."""
    verified = verify(sign(key, CLAIMS, typ="JWT"))
    assert CLAIMS == dict(verified.claims)
    assert {"alg": key.alg, "kid": key.kid, "typ": "JWT"} == dict(verified.header)


def test_a_verified_token_cannot_be_made_by_hand():
    """R-074: only the verifier makes the proof."""
    with pytest.raises(TypeError):
        VerifiedToken({}, CLAIMS, object())


def test_claims_of_a_verified_token_cannot_be_changed():
    """What was proved stays what was proved."""
    with pytest.raises(TypeError):
        verify(sign(ES256, CLAIMS, typ="JWT")).claims["sub"] = "eve"  # pyright: ignore


def good_header() -> dict[str, object]:
    return {"alg": "ES256", "kid": ES256.kid, "typ": "JWT"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"crit": ["exp"]}, "jws_crit_unknown"),
        ({"crit": []}, "jws_crit_unknown"),
        ({"crit": ["b64"], "b64": True}, "jws_crit_unknown"),
        ({"b64": False}, "jws_b64_false"),
        ({"b64": False, "crit": ["b64"]}, "jws_b64_false"),
        ({"b64": 0}, "jws_b64_false"),
        ({"alg": "none"}, "jws_algorithm_not_allowed"),
        ({"alg": "nOnE"}, "jws_algorithm_not_allowed"),
        ({"alg": "HS256"}, "jws_algorithm_not_allowed"),
        ({"alg": "ES384"}, "jws_algorithm_not_allowed"),
        ({"alg": "RS256"}, "jws_key_unfit"),
        ({"alg": None}, "jws_malformed"),
        ({"alg": ["ES256"]}, "jws_malformed"),
        ({"kid": 7}, "jws_malformed"),
        ({"typ": {}}, "jws_malformed"),
        ({"typ": "at+jwt"}, "jws_type_not_allowed"),
        ({"typ": "logout+jwt"}, "jws_type_not_allowed"),
        ({"kid": "../../etc/passwd"}, "jws_unknown_key"),
        ({"kid": "x' OR '1'='1"}, "jws_unknown_key"),
        ({"kid": "https://evil.example/key"}, "jws_unknown_key"),
        ({"kid": ""}, "jws_unknown_key"),
        ({"kid": RS256.kid}, "jws_key_unfit"),
    ],
)
def test_a_changed_header_is_refused(change, code):
    """R-071, R-072: each defect of the header has its own reason, and without it the token is good."""
    assert CLAIMS == dict(verify(handmade(good_header())).claims)
    assert code == reason(handmade({**good_header(), **change}))


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_in_the_header_is_ignored(name):
    """R-071: header jwk, jku, x5u and x5c neither help an attacker nor hurt an honest signer."""
    attacker = SigningKey.generate("ES256")
    value = attacker.public_jwk if name == "jwk" else ["https://evil.example/keys"]
    header = {**good_header(), name: value}
    assert CLAIMS == dict(verify(handmade(header)).claims)
    assert "jws_bad_signature" == reason(handmade(header, key=attacker))


@pytest.mark.parametrize("secret", ["pem", "der", "jwk"])
def test_a_public_key_as_hmac_secret_is_refused(secret):
    """R-072: HS256 signed with the RSA public key as the secret (algorithm confusion) finds no listener."""
    public = RSAKey.import_key(RS256.public_jwk)
    octets = {
        "pem": public.as_pem(private=False),
        "der": public.as_der(private=False),
        "jwk": json.dumps(RS256.public_jwk).encode(),
    }[secret]
    import hashlib
    import hmac

    signing_input = f"{part({'alg': 'HS256', 'kid': RS256.kid})}.{part(CLAIMS)}"
    forged = f"{signing_input}.{part(hmac.new(octets, signing_input.encode(), hashlib.sha256).digest())}"
    assert CLAIMS == dict(verify(sign(RS256, CLAIMS, typ="JWT")).claims)
    assert "jws_algorithm_not_allowed" == reason(forged)
    assert "jws_algorithm_not_allowed" == reason(forged, algorithms=("RS256", "HS256"))


@pytest.mark.parametrize("algorithms", [("none",), ("none", "ES256"), ()])
def test_none_is_refused_even_when_listed(algorithms):
    """R-072: an unsigned token is refused whatever the caller's list says."""
    unsigned = f"{part({'alg': 'none'})}.{part(CLAIMS)}."
    assert "jws_algorithm_not_allowed" == reason(unsigned, algorithms=algorithms)


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "RS256"])
@pytest.mark.parametrize("octets", [b"", b"\0" * 64, b"\0" * 256, b"\xff" * 64, b"\0" * 63 + b"\1"])
def test_a_signature_of_noughts_is_refused(alg, octets):
    """R-071: the psychic signature (r = s = 0) and its cousins are no signatures (CVE-2022-21449)."""
    key = {"ES256": ES256, "EdDSA": EDDSA, "RS256": RS256}[alg]
    good = sign(key, CLAIMS, typ="JWT")
    assert CLAIMS == dict(verify(good).claims)
    assert "jws_bad_signature" == reason(good.rpartition(".")[0] + "." + part(octets))


def test_a_der_signature_is_refused():
    """RFC 7518 section 3.4: an ECDSA signature is r and s side by side, and nothing else."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    good = sign(ES256, CLAIMS, typ="JWT")
    raw = base64.urlsafe_b64decode(good.rpartition(".")[2] + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    assert CLAIMS == dict(verify(good).claims)
    assert "jws_bad_signature" == reason(good.rpartition(".")[0] + "." + part(der))


def test_another_payload_under_the_same_signature_is_refused():
    """A tampered payload is refused, the untouched one is accepted."""
    header, payload, signature = sign(ES256, CLAIMS, typ="JWT").split(".")
    assert CLAIMS == dict(verify(f"{header}.{payload}.{signature}").claims)
    assert "jws_bad_signature" == reason(f"{header}.{part({**CLAIMS, 'sub': 'eve'})}.{signature}")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token + ".",
        lambda token: token + ".x",
        lambda token: token.rpartition(".")[0],
        lambda token: token + "=",
        lambda token: token + "\n",
        lambda token: " " + token,
        lambda token: token.replace(".", ". ", 1),
        lambda token: token.replace(".", "é.", 1),
        lambda token: "",
        lambda token: "..",
        lambda token: part(b"[]") + token[token.index(".") :],
        lambda token: part(b'{"alg":"ES256"') + token[token.index(".") :],
        lambda token: part(b"\xff\xfe") + token[token.index(".") :],
    ],
)
def test_a_token_of_another_shape_is_refused(spoil):
    """R-071: exactly three parts, each canonical base64url, the first a JSON object."""
    good = sign(ES256, CLAIMS, typ="JWT")
    assert CLAIMS == dict(verify(good).claims)
    assert "jws_malformed" == reason(spoil(good))


def test_left_over_bits_are_refused():
    """R-071: one token has one spelling; bits that the decoder would drop make another."""
    good = sign(RS256, CLAIMS, typ="JWT")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = good[:-1] + alphabet[alphabet.index(good[-1]) + 1]
    assert base64.urlsafe_b64decode(good.rpartition(".")[2] + "==") == base64.urlsafe_b64decode(
        twin.rpartition(".")[2] + "=="
    )
    assert "jws_malformed" == reason(twin)


def test_a_huge_token_is_refused_before_it_is_decoded():
    """R-071: a token of 16 KiB is read, one character more is refused."""
    overhead = len(sign(ES256, {"x": ""}, typ="JWT"))
    room = (16 * 1024 - overhead) // 4 * 3
    assert verify(sign(ES256, {"x": "a" * room}, typ="JWT"))
    assert "jws_too_large" == reason(sign(ES256, {"x": "a" * (room + 12)}, typ="JWT"))
    assert "jws_too_large" == reason("!" * (16 * 1024 + 1))


def nested(levels: int) -> bytes:
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


@pytest.mark.parametrize(
    ("good", "bad", "code"),
    [
        (nested(16), nested(17), "jws_too_deep"),
        (nested(16), nested(5000), "jws_too_deep"),
        (b'{"a":1,"b":1}', b'{"a":1,"a":1}', "jws_duplicate_json_key"),
        (b'{"a":{"b":1}}', b'{"a":{"b":1,"b":2}}', "jws_duplicate_json_key"),
        (b'{"a":"b"}', b'{"a":1,"\\u0061":2}', "jws_duplicate_json_key"),
        (b'{"a":1}', b'{"a":NaN}', "jws_malformed"),
        (b'{"a":1}', b'{"a":-Infinity}', "jws_malformed"),
        (b'{"a":"\\ud83d\\ude00"}', b'{"a":"\\ud83d"}', "jws_malformed"),
        (b'{"a":1}', b'{"a":' + b"1" * 5000 + b"}", "jws_malformed"),
        (b'{"a":1}', b'"a"', "jws_malformed"),
        (b'{"a":1}', b"", "jws_malformed"),
        (b'{"a":"\xc3\xa9"}', b'{"a":"\xc3"}', "jws_malformed"),
        (b'{"a":"[[[[[[[[[[[[[[[[[[[[[["}', b'{"a":1}x', "jws_malformed"),
    ],
)
def test_hostile_json_is_refused_even_when_signed(good, bad, code):
    """R-071: depth, duplicate names and what is not JSON are refused, in the payload as in the header."""
    assert json.loads(good) == dict(verify(handmade(good_header(), good)).claims)
    assert code == reason(handmade(good_header(), bad))
    if code != "jws_malformed":
        assert code == reason(handmade(bad))


def test_a_token_without_kid_needs_a_single_fitting_key():
    """R-072: without kid exactly one key may fit the algorithm (OIDC Core 10.1)."""
    token = handmade({"alg": "ES256"})
    assert CLAIMS == dict(verify(token).claims)
    two = parse_key_set({"keys": [ES256.public_jwk, SigningKey.generate("ES256").public_jwk]})
    assert "jws_ambiguous_key" == reason(token, key_set=two)
    assert "jws_unknown_key" == reason(token, key_set=parse_key_set({"keys": [RS256.public_jwk]}))


def test_a_token_type_does_not_stand_in_for_another():
    """R-074: an ID token is no access token, an access token no ID token."""
    identity, access = sign(ES256, CLAIMS, typ="JWT"), sign(ES256, CLAIMS, typ="at+jwt")
    assert CLAIMS == dict(verify(identity).claims)
    assert CLAIMS == dict(verify(access, types=ACCESS_TOKEN_TYPES).claims)
    assert "jws_type_not_allowed" == reason(access)
    assert "jws_type_not_allowed" == reason(identity, types=ACCESS_TOKEN_TYPES)
    assert CLAIMS == dict(verify(handmade({**good_header(), "typ": "application/JWT"})).claims)


def hmac_reason(token: str, secret: bytes = SECRET, algorithms=("HS256",)) -> str:
    with pytest.raises(InvalidInput) as refused:
        verify_hmac(token, secret=secret, algorithms=algorithms, types=CLIENT_ASSERTION_TYPES)
    return refused.value.code


def test_a_shared_secret_proves_its_holder():
    """R-072: the right secret verifies; another one, a short one and a public key do not."""
    token = sign_hmac(SECRET, CLAIMS)
    proved = verify_hmac(token, secret=SECRET, algorithms=("HS256",), types=CLIENT_ASSERTION_TYPES)
    assert CLAIMS == dict(proved.claims)
    assert "jws_bad_signature" == hmac_reason(token, b"t" * 32)
    assert "jws_secret_too_short" == hmac_reason(token, b"s" * 31)
    assert "jws_secret_too_short" == hmac_reason(token, b"")
    assert "jws_key_unfit" == hmac_reason(token, RSAKey.import_key(RS256.public_jwk).as_pem(private=False))
    assert "jws_algorithm_not_allowed" == hmac_reason(token, algorithms=("HS384",))


def test_an_asymmetric_token_is_no_hmac_token():
    """R-072: the door for secrets takes no public-key algorithm, even if it is listed."""
    token = sign(ES256, CLAIMS, typ="JWT")
    assert "jws_algorithm_not_allowed" == hmac_reason(token, algorithms=("HS256", "ES256", "none"))
    assert "jws_algorithm_not_allowed" == hmac_reason(f"{part({'alg': 'none'})}.{part(CLAIMS)}.")


def test_a_secret_shorter_than_the_hash_signs_nothing():
    """R-072: we never sign with a secret that we would refuse."""
    assert sign_hmac(SECRET, CLAIMS)
    with pytest.raises(InvalidInput) as refused:
        sign_hmac(SECRET[1:], CLAIMS)
    assert "jws_secret_too_short" == refused.value.code


def test_tokens_of_joserfc_are_understood():
    """Another library's tokens verify here, asymmetric and symmetric."""
    key = ECKey.import_key(json.loads(ES256.to_private_bytes()))
    token = jwt.encode({"alg": "ES256", "kid": ES256.kid}, CLAIMS, key)
    assert CLAIMS == dict(verify(token).claims)
    token = jwt.encode({"alg": "HS256"}, CLAIMS, OctKey.import_key(SECRET))
    proved = verify_hmac(token, secret=SECRET, algorithms=("HS256",), types=CLIENT_ASSERTION_TYPES)
    assert CLAIMS == dict(proved.claims)
