"""Refusals of this room by their code, which the tables of reasons hold."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from jitney.errors import InvalidInput, Overloaded, UpstreamRejected, UpstreamUnavailable
from jitney.upstream.oauth_reasons import OAUTH_REASONS
from jitney.upstream.saml_reasons import SAML_REASONS
from jitney.upstream.sentences import LATER, Fault

REASONS: Mapping[str, tuple[Fault, str]] = MappingProxyType({**OAUTH_REASONS, **SAML_REASONS})

_CLAIM_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "jwt_wrong_issuer": "issuer_differs",
        "jwt_wrong_audience": "audience_differs",
        "jwt_foreign_audience": "audience_foreign",
    }
)
_ERROR_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


def refusal(code: str, **details: object) -> UpstreamRejected | UpstreamUnavailable:
    """Return the fault for ``code``, a key of ``REASONS``.

    ``details`` are for the operator's log: never a token, a code, a secret or a claim's value.
    """
    fault, sentence = REASONS[code]
    return fault(code, sentence, **details)


@contextmanager
def flaws_of(subject: str) -> Iterator[None]:
    """Say JOSE's refusals inside this block as refusals of ``subject`` (``id_token``, ``key_set`` …)."""
    try:
        yield
    except InvalidInput as flaw:
        word = _CLAIM_WORDS.get(flaw.code) or flaw.code.partition("_")[2]
        raise refusal(f"{subject}_{word}", **flaw.details) from flaw


@contextmanager
def call_to(place: str) -> Iterator[None]:
    """Let a failed call keep its code (``upstream_timeout`` …), and tell the person what to do about it."""
    try:
        yield
    except (UpstreamUnavailable, Overloaded) as fault:
        raise UpstreamUnavailable(fault.code, LATER[1], **{**fault.details, "place": place}) from fault


def bounded_error_code(unverified: object) -> str:
    """Return a provider's error code if it looks like one, else ``unreadable`` (R-055).

    Its description is read by nobody: it is a stranger's prose,
    and may be a script or a lie to our operators.
    """
    return unverified if isinstance(unverified, str) and _ERROR_CODE.fullmatch(unverified) else "unreadable"
