"""A secret that two parties share, fit for an HMAC (RFC 7518 section 3.2)."""

from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

from jitney.jose.algorithms import SECRET_MIN_BYTES
from jitney.jose.faults import refusal


def hmac_of(signing_input: bytes, *, secret: bytes, algorithm: str) -> bytes:
    """Return the HMAC of ``signing_input``; ``algorithm`` is a key of ``SECRET_MIN_BYTES``.

    Raises ``InvalidInput`` as ``hmac_matches`` does.
    """
    return JWSRegistry.algorithms[algorithm].sign(signing_input, _key(secret, algorithm))


def hmac_matches(signing_input: bytes, code: bytes, *, secret: bytes, algorithm: str) -> bool:
    """Tell, in constant time, whether ``code`` is the HMAC of ``signing_input``.

    Raises ``InvalidInput``: ``jws_secret_too_short``; ``jws_key_unfit`` when the secret is a public key or a
    certificate, which is no secret.
    """
    return JWSRegistry.algorithms[algorithm].verify(signing_input, code, _key(secret, algorithm)) is True


def _key(secret: bytes, algorithm: str) -> OctKey:
    if len(secret) < SECRET_MIN_BYTES[algorithm]:
        raise refusal("jws_secret_too_short", algorithm=algorithm)
    try:
        return OctKey.import_key(secret)
    except (ValueError, JoseError) as fault:
        raise refusal("jws_key_unfit", algorithm=algorithm) from fault
