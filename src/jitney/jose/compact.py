"""Take a compact JWS apart (RFC 7515 section 7.1), believing nothing in it yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from jitney.jose import base64url
from jitney.jose.faults import refusal
from jitney.jose.limits import TOKEN_MAX_CHARACTERS, parse_json_object


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """The parts of a token whose signature nobody has checked.

    Of the header only ``algorithm`` and ``key_id`` are ever read before the check, and both only select:
    from the caller's list of algorithms, and from our own key set.
    ``jwk``, ``jku``, ``x5u`` and ``x5c`` stand in ``header`` and are read by nobody.
    """

    header: Mapping[str, object]
    algorithm: str
    key_id: str | None
    type: str
    payload: bytes
    signing_input: bytes
    signature: bytes


def parse_compact(unverified_token: str) -> UnverifiedToken:
    """Return the parts of ``unverified_token``.

    Raises ``InvalidInput``: ``jws_too_large``, ``jws_malformed``, ``jws_duplicate_json_key``,
    ``jws_too_deep``,
    ``jws_too_many_keys``, ``jws_crit_unknown``, ``jws_b64_false``.
    """
    # The size comes first, so that no hostile length is ever decoded.
    if len(unverified_token) > TOKEN_MAX_CHARACTERS:
        raise refusal("jws_too_large", characters=len(unverified_token))
    try:
        octets = unverified_token.encode("ascii")
        header_part, payload_part, signature_part = octets.split(b".")
        header_octets = base64url.decode(header_part)
        payload, signature = base64url.decode(payload_part), base64url.decode(signature_part)
    except ValueError as fault:
        raise refusal("jws_malformed") from fault
    header = parse_json_object(header_octets, place="jws")
    _check_extensions(header)
    return UnverifiedToken(
        header=header,
        algorithm=_required_text(header, "alg"),
        key_id=_text(header, "kid"),
        type=_media_type(_text(header, "typ")),
        payload=payload,
        signing_input=octets[: len(header_part) + 1 + len(payload_part)],
        signature=signature,
    )


def _check_extensions(header: Mapping[str, object]) -> None:
    """Refuse every demand that we do not meet, which is all of them.

    ``crit`` says "whoever does not understand these must refuse":
    a reader who skips it takes a token whose meaning
    he does not know (RFC 7515 section 4.1.11).
    With ``b64: false`` the signed octets are not the ones in the middle (RFC 7797), with or without ``crit``.
    """
    if header.get("b64", True) is not True:
        raise refusal("jws_b64_false")
    if "crit" in header:
        raise refusal("jws_crit_unknown", crit=header["crit"])


def _text(header: Mapping[str, object], name: str) -> str | None:
    value = header.get(name)
    if name in header and not isinstance(value, str):
        raise refusal("jws_malformed", header=name)
    return value if isinstance(value, str) else None


def _required_text(header: Mapping[str, object], name: str) -> str:
    value = _text(header, name)
    if value is None:
        raise refusal("jws_malformed", header=name)
    return value


def _media_type(typ: str | None) -> str:
    """Return ``typ`` in lower case and without ``application/`` (RFC 7515 section 4.1.9), or nothing."""
    return (typ or "").lower().removeprefix("application/")
