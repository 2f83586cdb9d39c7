"""What is told of a provider's key set: which keys there are, and whether ID tokens can be verified with them."""

import binascii
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import cast

from cryptography import x509
from joserfc.util import base64_to_int

from jitney.jose.key_set import parse_key_set
from jitney.jose.limits import parse_json_object
from jitney.jose.verification_key import VerificationKey
from jitney.model.diagnosis import Step
from jitney.upstream.faults import flaws_of
from jitney.upstream.trials.certificates import CertificateFacts, facts_of
from jitney.upstream.trials.steps import bad, doubtful, good

_KID_SHOWN = 40


def judge_key_set(body: bytes, algorithms: Sequence[str], *, now: datetime) -> list[Step]:
    """Return which keys there are, what is wrong with them, and whether one fits the algorithms that we allow.

    Raises ``UpstreamRejected`` and ``UpstreamUnavailable`` (``key_set_…``).
    """
    with flaws_of("key_set"):
        document = parse_json_object(body, place="jwks")
        key_set = parse_key_set(document)
    fitting = [key for key in key_set.keys if any(key.fits(name) for name in algorithms)]
    certificates = dict(_certificates(document))
    sizes = dict(_sizes(document))
    told = "; ".join(_told(key, sizes.get(key.key_id), certificates.get(key.key_id)) for key in key_set.keys)
    if not fitting:
        wanted = ", ".join(algorithms)
        sentence = f"No key fits {wanted}: {told or 'there is none'}. Name the provider's way in algorithms."
        return [bad("keys", sentence, "provider_keys_unfit")]
    steps = [good("keys", f"{len(key_set.keys)} that sign: {told}.")]
    for ignored in key_set.ignored:
        if ignored.reason not in ("use_is_not_signature", "key_ops_without_verify"):
            name = _shown(ignored.key_id)
            sentence = f"The key {name} cannot be used ({ignored.reason.replace('_', ' ')})."
            steps.append(doubtful("keys", sentence, "provider_key_unusable"))
    for kid, facts in certificates.items():
        if facts.expires <= now:
            sentence = f"The certificate of the key {_shown(kid)} has expired on {facts.expires:%Y-%m-%d}."
            steps.append(doubtful("keys", sentence, "provider_certificate_expired"))
    return steps


def _told(key: VerificationKey, size: int | None, facts: CertificateFacts | None) -> str:
    kind = f"{key.kind.kty} {key.kind.curve or size or ''}".rstrip()
    until = f", certificate until {facts.expires:%Y-%m-%d}" if facts is not None else ""
    return f"{_shown(key.key_id)} ({kind}{f' for {key.algorithm}' if key.algorithm else ''}{until})"


def _sizes(document: Mapping[str, object]) -> Iterator[tuple[str | None, int]]:
    """Find the bits of the RSA keys, which a checked key does not tell any more."""
    for entry in cast("list[dict[str, object]]", document.get("keys", [])):
        modulus, kid = entry.get("n"), entry.get("kid")
        if isinstance(modulus, str) and (kid is None or isinstance(kid, str)):
            with suppress(ValueError):
                yield kid, base64_to_int(modulus).bit_length()


def _shown(key_id: str | None) -> str:
    return key_id[:_KID_SHOWN] if key_id else "without a name"


def _certificates(document: Mapping[str, object]) -> Iterator[tuple[str | None, CertificateFacts]]:
    """Find the certificates beside the keys; they say when a change is due, and prove nothing (R-071)."""
    for entry in cast("list[dict[str, object]]", document.get("keys", [])):
        chain, kid = entry.get("x5c"), entry.get("kid")
        first = cast("list[object]", chain)[0] if isinstance(chain, list) and chain else None
        if not isinstance(first, str) or not (kid is None or isinstance(kid, str)):
            continue
        try:
            yield kid, facts_of(x509.load_der_x509_certificate(b64decode(first)))
        except (ValueError, binascii.Error):
            continue
