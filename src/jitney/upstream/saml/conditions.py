"""The verified assertion's own terms: who says it, to whom, for how long, and how it was come by (R-063)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.model.saml_connection import ContextComparison
from jitney.upstream.faults import refusal
from jitney.upstream.saml.expected import ExpectedResponse
from jitney.upstream.saml.names import BEARER, saml
from jitney.upstream.saml.response import check_answers, check_issued_of, check_issuer_of, check_version_of
from jitney.upstream.saml.texts import find_moment, read_moment, read_text

_KNOWN_CONDITIONS: Final = (saml("AudienceRestriction"), saml("OneTimeUse"), saml("ProxyRestriction"))
_ASSERTION: Final = "assertion"


@dataclass(frozen=True, slots=True)
class AuthnStatement:
    """How and when the person signed in there (SAML Core 2.7.2)."""

    authenticated_at: datetime
    context: str | None
    session_index: str | None


def check_assertion_version(assertion: etree._Element, _expected: ExpectedResponse) -> None:
    """SAML Core 2.3.3: ``Version`` is 2.0."""
    check_version_of(assertion, _ASSERTION)


def check_assertion_issuer(assertion: etree._Element, expected: ExpectedResponse) -> None:
    """The issuer is this provider, exactly (R-064)."""
    check_issuer_of(assertion, expected, _ASSERTION)


def check_assertion_issued(assertion: etree._Element, expected: ExpectedResponse) -> None:
    """``IssueInstant`` is not in the future."""
    check_issued_of(assertion, expected, _ASSERTION)


def check_times(assertion: etree._Element, expected: ExpectedResponse) -> None:
    """``Conditions`` says from when to when, and now lies between."""
    conditions = _conditions_of(assertion)
    begins = find_moment(conditions, "NotBefore", document=_ASSERTION)
    ends = find_moment(conditions, "NotOnOrAfter", document=_ASSERTION)
    if begins is None or ends is None:
        raise refusal("saml_assertion_times_missing")
    # With both inside the tolerance for clocks, an assertion that is valid at no moment would pass.
    if begins >= ends:
        raise refusal("saml_assertion_expired")
    _check_begun(begins, expected)
    _check_not_over(ends, expected, "saml_assertion_expired")


def check_known_conditions(assertion: etree._Element, _expected: ExpectedResponse) -> None:
    """SAML Core 2.5.1.1: a condition that is not understood makes the assertion worth nothing."""
    if any(child.tag not in _KNOWN_CONDITIONS for child in _conditions_of(assertion)):
        raise refusal("saml_assertion_condition_unknown")


def check_audience(assertion: etree._Element, expected: ExpectedResponse) -> None:
    """Each restriction of the audience names us, and there is one (SAML Core 2.5.1.4).

    An assertion for another service of the same provider is genuine in all else:
    whoever runs that service would be anybody here.
    """
    restrictions = _conditions_of(assertion).findall(saml("AudienceRestriction"))
    if not restrictions:
        raise refusal("saml_assertion_audience_missing")
    for restriction in restrictions:
        named = [read_text(each, _ASSERTION) for each in restriction.iterfind(saml("Audience"))]
        if expected.our_id not in named:
            raise refusal("saml_assertion_audience_differs")


def check_confirmation(assertion: etree._Element, expected: ExpectedResponse) -> None:
    """Whoever brings it may do so: at least one bearer confirmation holds in full (SAML Profiles 4.1.4.2).

    The reason is that of the first one which does not.
    """
    first: UpstreamRejected | UpstreamUnavailable | None = None
    for confirmation in assertion.iterfind(f"{saml('Subject')}/{saml('SubjectConfirmation')}"):
        if confirmation.get("Method") != BEARER:
            continue
        try:
            _check_bearer(confirmation.find(saml("SubjectConfirmationData")), expected)
        except (UpstreamRejected, UpstreamUnavailable) as fault:
            first = first or fault
        else:
            return
    raise first or refusal("saml_assertion_bearer_missing")


def check_authn_statement(assertion: etree._Element, expected: ExpectedResponse) -> None:
    """There is exactly one statement of how the person signed in, and their session there is not over."""
    statement = _statement_of(assertion)
    session_ends = find_moment(statement, "SessionNotOnOrAfter", document=_ASSERTION)
    if session_ends is not None:
        _check_not_over(session_ends, expected, "saml_assertion_session_over")


def check_freshness(assertion: etree._Element, expected: ExpectedResponse) -> None:
    """Where a fresh sign-in was demanded, ``AuthnInstant`` proves it (R-089).

    ``ForceAuthn`` travels through the browser in a request that may bear no signature,
    and whoever sits there may strike it out.
    """
    authenticated = read_authn_statement(assertion).authenticated_at
    if authenticated > expected.now + expected.skew:
        raise refusal("saml_assertion_authn_instant_in_future")
    if expected.attempt is None:
        return
    since, max_age = expected.attempt.fresh_since, expected.attempt.max_age
    latest = authenticated + expected.skew
    if since is not None and latest < since.replace(microsecond=0):
        raise refusal("saml_assertion_authn_instant_too_old")
    if max_age is not None and (expected.now - latest).total_seconds() > max_age:
        raise refusal("saml_assertion_authn_instant_too_old")


def check_context(assertion: etree._Element, expected: ExpectedResponse) -> None:
    """Where certain ways of signing in were asked for, it was one of them (SAML Core 3.3.2.2.1).

    The other comparisons need an order of contexts, which the provider alone knows.
    """
    asked = expected.connection.authn_contexts
    is_exact = expected.connection.context_comparison is ContextComparison.EXACT
    if asked and is_exact and read_authn_statement(assertion).context not in asked:
        raise refusal("saml_assertion_authn_context_differs")


ASSERTION_CHECKS: Final[tuple[Callable[[etree._Element, ExpectedResponse], None], ...]] = (
    check_assertion_version,
    check_assertion_issuer,
    check_assertion_issued,
    check_times,
    check_known_conditions,
    check_audience,
    check_confirmation,
    check_authn_statement,
    check_freshness,
    check_context,
)


def check_assertion(assertion: etree._Element, expected: ExpectedResponse) -> None:
    """Go through all checks of a verified assertion in their order; raises the refusal of the first that fails."""
    for check in ASSERTION_CHECKS:
        check(assertion, expected)


def read_authn_statement(assertion: etree._Element) -> AuthnStatement:
    """Return how the person signed in; raises ``saml_assertion_time_malformed``."""
    statement = _statement_of(assertion)
    context = statement.find(f"{saml('AuthnContext')}/{saml('AuthnContextClassRef')}")
    return AuthnStatement(
        read_moment(str(statement.get("AuthnInstant")), document=_ASSERTION),
        read_text(context, _ASSERTION) if context is not None else None,
        statement.get("SessionIndex"),
    )


def read_expiry(assertion: etree._Element, expected: ExpectedResponse) -> datetime:
    """Return from when on the assertion is of no use to anybody (R-065); at most the year 9000."""
    ends = find_moment(_conditions_of(assertion), "NotOnOrAfter", document=_ASSERTION)
    return _LATEST if ends is None else min(ends, _LATEST) + expected.skew


_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)


def _check_bearer(data: etree._Element | None, expected: ExpectedResponse) -> None:
    if data is None or data.get("Recipient") is None:
        raise refusal("saml_assertion_recipient_missing")
    if data.get("Recipient") != expected.places.assertion_consumer:
        raise refusal("saml_assertion_recipient_differs")
    check_answers(data, expected, _ASSERTION)
    ends = find_moment(data, "NotOnOrAfter", document=_ASSERTION)
    if ends is None:
        raise refusal("saml_assertion_times_missing")
    _check_not_over(ends, expected, "saml_assertion_expired")
    begins = find_moment(data, "NotBefore", document=_ASSERTION)
    if begins is not None:
        _check_begun(begins, expected)


def _check_begun(begins: datetime, expected: ExpectedResponse) -> None:
    if begins > expected.now + expected.skew:
        raise refusal("saml_assertion_not_yet_valid")


def _check_not_over(ends: datetime, expected: ExpectedResponse, code: str) -> None:
    if ends <= expected.now - expected.skew:
        raise refusal(code)


def _conditions_of(assertion: etree._Element) -> etree._Element:
    conditions = assertion.find(saml("Conditions"))
    if conditions is None:
        raise refusal("saml_assertion_conditions_missing")
    return conditions


def _statement_of(assertion: etree._Element) -> etree._Element:
    found = assertion.findall(saml("AuthnStatement"))
    if len(found) != 1:
        raise refusal("saml_assertion_authn_statement_missing", statements=len(found))
    return found[0]
