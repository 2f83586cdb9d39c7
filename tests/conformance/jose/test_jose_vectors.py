"""The examples of the RFCs, letter by letter, and the judgement of two other libraries.

The values are those printed in RFC 7515 appendix A (A.1 HS256, A.2 RS256, A.3 ES256) and RFC 8037 appendix A.4.
"""

import json

import jwt as pyjwt
import pytest
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from jitney.errors import InvalidInput
from jitney.jose import base64url
from jitney.jose.compact import parse_compact
from jitney.jose.key_set import parse_key_set
from jitney.jose.shared_secret import hmac_matches
from jitney.jose.signing import SigningKey, sign, sign_hmac
from jitney.jose.verifying import ID_TOKEN_TYPES, verify_hmac, verify_signature

CLAIMS = {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

A1_SECRET = base64url.decode(
    b"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
)
A1_TOKEN = f"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{PAYLOAD}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

A2_KEY = {
    "kty": "RSA",
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT"
    "-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7"
    "WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
    "PAcDTW9gb54h4FRWyuXpoQ",
    "e": "AQAB",
}
A2_TOKEN = (
    f"eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUA"
    "r7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO"
    "--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_Ioyp"
    "GlUPQGe77Rw"
)

A3_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
A3_TOKEN = (
    f"eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)

RFC8037_KEY = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
RFC8037_TOKEN = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def spoilt(token: str) -> str:
    """Change the first character of the signature."""
    head, _, signature = token.rpartition(".")
    return f"{head}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def test_rfc7515_a1_hs256_verifies():
    """RFC 7515 A.1: the MAC is valid, a changed one is not."""
    arguments = {"secret": A1_SECRET, "algorithms": ("HS256",), "types": ID_TOKEN_TYPES}
    assert CLAIMS == dict(verify_hmac(A1_TOKEN, **arguments).claims)
    with pytest.raises(InvalidInput) as refused:
        verify_hmac(spoilt(A1_TOKEN), **arguments)
    assert "jws_bad_signature" == refused.value.code


@pytest.mark.parametrize(
    ("key", "token", "algorithm"), [(A2_KEY, A2_TOKEN, "RS256"), (A3_KEY, A3_TOKEN, "ES256")]
)
def test_rfc7515_signatures_verify(key, token, algorithm):
    """RFC 7515 A.2 and A.3: the signature is valid, a changed one is not."""
    arguments = {
        "key_set": parse_key_set({"keys": [key]}),
        "algorithms": (algorithm,),
        "types": ID_TOKEN_TYPES,
    }
    assert CLAIMS == dict(verify_signature(token, **arguments).claims)
    with pytest.raises(InvalidInput) as refused:
        verify_signature(spoilt(token), **arguments)
    assert "jws_bad_signature" == refused.value.code


def test_rfc8037_ed25519_verifies():
    """RFC 8037 A.4: the Ed25519 signature over plain text is valid, a changed one is not."""
    key = parse_key_set({"keys": [RFC8037_KEY]}).select(key_id=None, algorithm="EdDSA")
    token, bad = parse_compact(RFC8037_TOKEN), parse_compact(spoilt(RFC8037_TOKEN))
    assert b"Example of Ed25519 signing" == token.payload
    assert key.has_signed(token.signing_input, token.signature, algorithm="EdDSA")
    assert not key.has_signed(bad.signing_input, bad.signature, algorithm="EdDSA")


def test_rfc8037_thumbprint():
    """RFC 8037 A.3: the thumbprint of the example key."""
    key = parse_key_set({"keys": [RFC8037_KEY]}).keys[0]
    assert "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" == key.thumbprint


LIBRARY_KEYS = {"ES256": ECKey, "RS256": RSAKey, "EdDSA": OKPKey}


@pytest.mark.parametrize("alg", ["ES256", "RS256", "EdDSA"])
def test_other_libraries_accept_what_we_sign(alg):
    """Our tokens verify in joserfc and PyJWT, each with the key that we publish."""
    key = SigningKey.generate(alg)
    token = sign(key, CLAIMS, typ="JWT")
    published = key.public_jwk
    assert CLAIMS == joserfc_jwt.decode(token, LIBRARY_KEYS[alg].import_key(published), [alg]).claims
    other = pyjwt.PyJWK(published, algorithm=alg).key
    assert CLAIMS == pyjwt.decode(token, other, [alg], options={"verify_exp": False})


@pytest.mark.parametrize("alg", ["ES256", "RS256", "EdDSA"])
def test_we_accept_what_other_libraries_sign(alg):
    """Tokens of PyJWT verify here."""
    key = SigningKey.generate(alg)
    private = pyjwt.PyJWK(json.loads(key.to_private_bytes()), algorithm=alg).key
    token = pyjwt.encode(CLAIMS, private, alg, headers={"kid": key.kid})
    published = parse_key_set({"keys": [key.public_jwk]})
    assert CLAIMS == dict(
        verify_signature(token, key_set=published, algorithms=(alg,), types=ID_TOKEN_TYPES).claims
    )


def test_a_shared_secret_is_understood_alike():
    """PyJWT verifies our HMAC tokens, and we verify its."""
    token = sign_hmac(A1_SECRET, CLAIMS)
    assert CLAIMS == pyjwt.decode(token, A1_SECRET, ["HS256"], options={"verify_exp": False})
    theirs = parse_compact(pyjwt.encode(CLAIMS, A1_SECRET, "HS256"))
    assert hmac_matches(theirs.signing_input, theirs.signature, secret=A1_SECRET, algorithm="HS256")
