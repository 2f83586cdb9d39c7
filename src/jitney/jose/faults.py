"""Every reason for which this room refuses, as one table.

The same code stands in the log, in the stored outcome and in the tests; the sentence is safe for strangers.
"""

from collections.abc import Mapping
from types import MappingProxyType

from jitney.errors import InvalidInput

_JSON_FLAWS = {
    "malformed": "is not what the specification describes",
    "too_large": "is too large",
    "too_deep": "is nested too deeply",
    "too_many_keys": "has too many members",
    "duplicate_json_key": "names one member twice",
}
_JSON_PLACES = {"json": "The document", "jws": "The token", "jwks": "The key set"}

REASONS: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"{place}_{flaw}": f"{subject} {predicate}."
            for place, subject in _JSON_PLACES.items()
            for flaw, predicate in _JSON_FLAWS.items()
        },
        "jws_algorithm_not_allowed": "The token is signed with an algorithm that is not allowed here.",
        "jws_crit_unknown": "The token demands an extension that is not understood.",
        "jws_b64_false": "The token's payload is not encoded as expected.",
        "jws_type_not_allowed": "The token is of another kind than the one expected here.",
        "jws_unknown_key": "The token is signed with a key that is not known.",
        "jws_ambiguous_key": "The token does not say which of several keys signed it.",
        "jws_key_unfit": "The key that the token names does not fit its algorithm.",
        "jws_bad_signature": "The token's signature is not valid.",
        "jws_secret_too_short": "The shared secret is too short for the algorithm.",
        "jwks_symmetric_key": "The key set holds a symmetric key.",
        "jwks_duplicate_kid": "The key set gives one name to two different keys.",
        "signing_key_malformed": "The signing key cannot be read.",
        "signing_key_unfit": "The signing key does not fit the algorithm.",
        "jwt_claim_missing": "The token lacks a claim that is required here.",
        "jwt_claim_malformed": "A claim of the token is of the wrong type.",
        "jwt_expired": "The token has expired.",
        "jwt_not_yet_valid": "The token is not valid yet.",
        "jwt_issued_in_future": "The token claims to be issued in the future.",
        "jwt_too_old": "The token was issued too long ago.",
        "jwt_lives_too_long": "The token is valid for longer than is allowed here.",
        "jwt_wrong_issuer": "The token was issued by somebody else.",
        "jwt_wrong_audience": "The token is meant for somebody else.",
        "jwt_foreign_audience": "The token is meant for others besides.",
    }
)


def refusal(code: str, **details: object) -> InvalidInput:
    """Return the fault for ``code``, a key of ``REASONS``; ``details`` are for the operator's log only."""
    return InvalidInput(code, REASONS[code], fields=None, **details)
