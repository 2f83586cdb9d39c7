"""Messages that travel in an address: deflated, and signed octet by octet (SAML Bindings 3.4)."""

import binascii
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import quote, unquote_plus

from signxml.algorithms import SignatureMethod

from jitney.upstream.faults import refusal
from jitney.upstream.saml.credentials import (
    VERIFIED_METHODS,
    OwnKey,
    PublicKey,
    UnusableCredentialError,
    is_signature_of,
    read_certificate_key,
)

Parameter = Literal["SAMLRequest", "SAMLResponse"]

OWN_PARAMETERS: Final = frozenset(
    {"SAMLRequest", "SAMLResponse", "SAMLEncoding", "RelayState", "SigAlg", "Signature"}
)
"""Parameters that are the binding's alone: neither settings nor an endpoint's own query may say them."""

_MOST_OCTETS: Final = 64 * 1024
_DEFLATE: Final = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"


@dataclass(frozen=True, slots=True)
class SignedQuery:
    """What the signature of a query covers; made by ``verify_query`` alone.

    ``message`` is still deflated and in base64; ``relay_state`` is ``None`` where there was none.
    """

    message: str = field(repr=False)
    relay_state: str | None


def write_query(document: bytes, *, parameter: Parameter, relay_state: str | None, key: OwnKey | None) -> str:
    """Return a message as the query that carries it, signed where there is a key (3.4.4.1).

    The document itself must bear no signature: it would not fit, and the query's covers more.
    """
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = deflate.compress(document) + deflate.flush()
    pairs = [(parameter, b64encode(deflated).decode("ascii"))]
    if relay_state is not None:
        pairs.append(("RelayState", relay_state))
    if key is None:
        return _joined(pairs)
    signed = _joined([*pairs, ("SigAlg", key.method.value)])
    return (
        signed + "&" + _joined([("Signature", b64encode(key.sign(signed.encode("ascii"))).decode("ascii"))])
    )


def add_to_address(url: str, query: str, *, extra: Mapping[str, str] | None = None) -> str:
    """Return an endpoint's address with ``extra`` and ``query`` behind whatever query it has itself.

    The binding's own names are left out of the first two: whoever reads the first of two ``RelayState``
    would read another than the one that is signed.
    """
    base, _, own = url.partition("?")
    kept = [part for part in own.split("&") if part and _name_of(part) not in OWN_PARAMETERS]
    more = [(name, value) for name, value in (extra or {}).items() if name not in OWN_PARAMETERS]
    parts = [*kept, *([_joined(more)] if more else []), *([query] if query else [])]
    return f"{base}?{'&'.join(parts)}" if parts else base


def verify_query(
    unverified_query: str,
    *,
    parameter: Parameter,
    certificates: Sequence[str],
    sha1_allowed: bool,
    document: str,
) -> SignedQuery:
    """Return what the query's signature covers, read from the very octets that it covers (3.4.4.1).

    An attacker appends a second message to a signed query, or writes a name in another way, so that one reader
    verifies his victim's message and another acts on his own.
    So the names must be written plainly, none may come twice, and nothing is read but what was verified.
    ``certificates`` (PEM) are the provider's own; ``document`` is a word for the reason.
    Raises ``saml_<document>_malformed``, ``…_too_large``, ``…_unsigned``, ``…_algorithm_not_allowed``,
    ``…_bad_signature``, and ``UpstreamUnavailable`` with ``…_certificate_missing``.
    """
    if len(unverified_query) > _MOST_OCTETS:
        raise refusal(f"saml_{document}_too_large", characters=len(unverified_query))
    raw = _raw_parameters(unverified_query, document)
    is_of_both_kinds = {"SAMLRequest", "SAMLResponse"} <= raw.keys()
    if (
        parameter not in raw
        or is_of_both_kinds
        or unquote_plus(raw.get("SAMLEncoding", _DEFLATE)) != _DEFLATE
    ):
        raise refusal(f"saml_{document}_malformed")
    if not raw.get("Signature") or not raw.get("SigAlg"):
        raise refusal(f"saml_{document}_unsigned")
    covered = "&".join(f"{name}={raw[name]}" for name in (parameter, "RelayState", "SigAlg") if name in raw)
    method = _method_of(unquote_plus(raw["SigAlg"]), sha1_allowed=sha1_allowed, document=document)
    signature = _signature_of(unquote_plus(raw["Signature"]), document)
    keys = _usable_keys(certificates)
    if not keys:
        raise refusal(f"saml_{document}_certificate_missing", certificates=len(certificates))
    if not any(is_signature_of(key, method, signature, covered.encode("ascii")) for key in keys):
        raise refusal(f"saml_{document}_bad_signature")
    relay_state = unquote_plus(raw["RelayState"]) if "RelayState" in raw else None
    return SignedQuery(unquote_plus(raw[parameter]), relay_state)


def _joined(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def _name_of(part: str) -> str:
    return unquote_plus(part.partition("=")[0])


def _raw_parameters(unverified_query: str, document: str) -> Mapping[str, str]:
    """Return the binding's own parameters as they are written, each at most once."""
    raw: dict[str, str] = {}
    for part in unverified_query.split("&"):
        written, _, value = part.partition("=")
        name = _name_of(part)
        if name not in OWN_PARAMETERS:
            continue
        if written != name or name in raw or not value.isascii():
            raise refusal(f"saml_{document}_malformed")
        raw[name] = value
    return raw


def _method_of(unverified_name: str, *, sha1_allowed: bool, document: str) -> SignatureMethod:
    allowed = VERIFIED_METHODS | ({SignatureMethod.RSA_SHA1} if sha1_allowed else frozenset())
    for method in allowed:
        if method.value == unverified_name:
            return method
    raise refusal(f"saml_{document}_algorithm_not_allowed")


def _signature_of(unverified_text: str, document: str) -> bytes:
    try:
        return b64decode(unverified_text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise refusal(f"saml_{document}_bad_signature") from error


def _usable_keys(certificates: Sequence[str]) -> list[PublicKey]:
    """Return the keys that are fit to verify with; during a roll-over one that is not spoils no other."""
    keys: list[PublicKey] = []
    for certificate in certificates:
        try:
            keys.append(read_certificate_key(certificate))
        except UnusableCredentialError:
            continue
    return keys
