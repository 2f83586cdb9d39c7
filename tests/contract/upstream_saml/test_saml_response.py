"""Responses and the terms of their assertions, each check at its edges, on messages that are genuinely signed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.contract.upstream_saml.saml_messages import (
    ACS,
    ATTEMPT,
    IDP,
    PASSWORD,
    REQUEST_ID,
    STATE,
    US,
    assertion,
    at,
    audience,
    conditions,
    confirmation,
    confirmation_data,
    expected,
    honest,
    posted,
    read,
    refusal_of,
    response,
    sign,
    statement,
    status,
)

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.model.federated_identity import FederatedIdentity, OneTimeId, UnverifiedResponse
from jitney.model.saml_connection import ContextComparison, MetadataState
from jitney.testing.standing_clock import NOON
from jitney.upstream.saml.conditions import ASSERTION_CHECKS
from jitney.upstream.saml.reading import ReadResponse, read_response
from jitney.upstream.saml.response import RESPONSE_CHECKS

HOLDER = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"


def with_assertion(**parts: Any) -> str:
    return response(sign(assertion(**parts)))


def confirmed(**changes: str | None) -> str:
    return with_assertion(confirmations=confirmation(confirmation_data(**changes)))


def test_honest_response_becomes_an_identity() -> None:
    """R-001, R-059: everything that the signed assertion says, and nothing more."""
    expires = NOON + timedelta(seconds=360)
    identity = read(honest())
    assert (
        FederatedIdentity(
            idp="idp-1",
            subject="ada-7f",
            claims={"mail": "ada@acme.example", "groups": ["staff", "admins, all"], "name_id": "ada-7f"},
            signed_claims=frozenset({"mail", "groups", "name_id"}),
            authenticated_at=NOON - timedelta(seconds=5),
            acr=PASSWORD,
            upstream_session="_session-1",
            upstream_name=identity.upstream_name,
            one_time=(OneTimeId("_assertion-1", expires), OneTimeId("_response-1", expires)),
        )
        == identity
    )


def test_proof_is_made_by_the_reader_alone() -> None:
    """R-059: a ``ReadResponse`` cannot be made by hand; the reader makes one."""
    read_one = read_response(posted(honest()), expected())
    with pytest.raises(TypeError):
        ReadResponse(read_one.identity, object())
    assert "ada-7f" == read_one.identity.subject


# ── what the browser brings ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("brought", "reason"),
    [
        ({"RelayState": "t" * 43}, "callback_state_differs"),
        ({"RelayState": ""}, "callback_state_differs"),
        ({"RelayState": "https://evil.example/"}, "callback_state_differs"),
        ({"RelayState": "s" * 81}, "saml_response_relay_state_too_long"),
        ({"RelayState": "ä" * 41}, "saml_response_relay_state_too_long"),
        ({"SAMLResponse": ""}, "saml_response_missing"),
        ({"SAMLResponse": "%"}, "saml_response_malformed"),
    ],
)
def test_answer_to_another_trip_is_refused_unread(brought: dict[str, str], reason: str) -> None:
    """R-049, R-067: RelayState is the handle of this trip, at most 80 octets, and is looked at first."""
    good = posted(honest())
    with pytest.raises(UpstreamRejected) as refused:
        read_response(replace(good, parameters={**good.parameters, **brought}), expected())
    assert (reason, "ada-7f") == (refused.value.code, read_response(good, expected()).identity.subject)


def test_missing_relay_state_is_refused() -> None:
    """R-049: without RelayState a response belongs to no trip; with it, it does."""
    with pytest.raises(UpstreamRejected) as refused:
        read_response(posted(honest(), relay_state=None), expected())
    assert "callback_state_differs" == refused.value.code
    assert "ada-7f" == read_response(posted(honest(), STATE), expected()).identity.subject


def test_response_comes_as_a_form() -> None:
    """R-058: a response in an address would stand in histories and logs; posted, the same one is read."""
    good = posted(honest())
    with pytest.raises(UpstreamRejected) as refused:
        read_response(UnverifiedResponse(good.parameters, query="SAMLResponse=x"), expected())
    assert ("saml_response_not_posted", "ada-7f") == (refused.value.code, read(honest()).subject)


def test_trip_to_another_provider_is_not_ended_here() -> None:
    """R-064: the trip's provider is the one at whose address the response came in."""
    held = expected()
    elsewhere = replace(held, attempt=replace(ATTEMPT, idp="idp-2"))
    assert ("callback_of_another_provider", "ada-7f") == (
        refusal_of(honest(), elsewhere), read(honest(), held).subject,
    )  # fmt: skip


def test_keys_of_metadata_that_ran_out_are_not_used() -> None:
    """R-061: from ``validUntil`` on the provider's own metadata vouches for its keys no longer."""
    held = expected(metadata=MetadataState(valid_until=NOON))
    with pytest.raises(UpstreamUnavailable) as refused:
        read(honest(), held)
    later = expected(metadata=MetadataState(valid_until=NOON + timedelta(seconds=1)))
    assert ("saml_response_metadata_expired", "ada-7f") == (refused.value.code, read(honest(), later).subject)


# ── the response ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (("Responder", "AuthnFailed"), "saml_response_denied"),
        (("Requester", "RequestDenied"), "saml_response_denied"),
        (("Responder", "NoPassive"), "upstream_interaction_required"),
        (("Requester",), "saml_response_status_error"),
        (("Responder",), "saml_response_status_error"),
        (("Responder", "NoAuthnContext"), "saml_response_status_error"),
        (("VersionMismatch",), "saml_response_status_error"),
        (("Nonsense&#10;forged=log",), "saml_response_status_error"),
        (("Responder", "Success"), "saml_response_status_error"),
        (("Success", "AuthnFailed"), "saml_response_denied"),
    ],
)
@pytest.mark.parametrize("inside", ["", "assertion"])
def test_status_other_than_success_is_a_refusal(codes: tuple[str, ...], reason: str, inside: str) -> None:
    """R-055, R-063: without Success nothing is read, whatever stands beside it, and no word of theirs is kept."""
    told = (sign(assertion()),) if inside else ()
    with pytest.raises(UpstreamRejected) as refused:
        read(sign(response(*told, outcome=status(*codes))))
    assert (reason, "ada-7f") == (refused.value.code, read(honest()).subject)
    said = str(refused.value) + str(dict(refused.value.details))
    assert not any(word in said for word in ("script", "locked", "forged", "Nonsense"))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"version": "1.1"}, "version_differs"),
        ({"version": ""}, "version_differs"),
        ({"issuer": ""}, "issuer_missing"),
        ({"issuer": "<saml:Issuer>https://other.example/metadata</saml:Issuer>"}, "issuer_differs"),
        ({"issuer": f"<saml:Issuer>{IDP.upper()}</saml:Issuer>"}, "issuer_differs"),
        ({"issuer": f"<saml:Issuer> {IDP}</saml:Issuer>"}, "issuer_differs"),
        ({"issuer": f"<saml:Issuer>{IDP}/</saml:Issuer>"}, "issuer_differs"),
        ({"issuer": f'<saml:Issuer Format="urn:x">{IDP}</saml:Issuer>'}, "issuer_differs"),
        ({"destination": None}, "destination_differs"),
        ({"destination": ""}, "destination_differs"),
        ({"destination": ACS + "/"}, "destination_differs"),
        ({"destination": ACS.replace("acme", "other")}, "destination_differs"),
        ({"destination": "https://other.example/acs"}, "destination_differs"),
        ({"in_response_to": None}, "in_response_to_missing"),
        ({"in_response_to": "_" + "f" * 32}, "in_response_to_differs"),
        ({"issued": at(61)}, "issued_in_future"),
        ({"issued": "2026-11-22T24:00:01Z"}, "schema_invalid"),
    ],
)
@pytest.mark.parametrize("is_signed", [True, False])
def test_response_that_does_not_fit_is_refused(
    changed: dict[str, Any], reason: str, *, is_signed: bool
) -> None:
    """R-063, R-064: version, issuer, destination, InResponseTo and time of the response, signed or not."""
    message = response(sign(assertion()), **changed)
    if is_signed and "issuer" not in changed:
        message = sign(message)
    assert (f"saml_response_{reason}", "ada-7f") == (refusal_of(message), read(honest()).subject)


@pytest.mark.parametrize(
    "changed",
    [
        {"issued": at(60)},
        {"issued": at(-86_400)},
        {"issued": "2026-11-22T12:00:00.123456789Z"},
        {"issued": "2026-11-22T14:00:59+02:00"},
        {"issued": "2026-11-22T12:00:00"},
        {
            "issuer": f'<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">{IDP}</saml:Issuer>'
        },
        {"extensions": '<samlp:Extensions><x xmlns="urn:x">y</x></samlp:Extensions>'},
    ],
)
def test_response_that_just_fits_is_taken(changed: dict[str, Any]) -> None:
    """R-063: the checks refuse no honest response."""
    assert "ada-7f" == read(response(sign(assertion()), **changed)).subject


def test_request_without_an_id_is_answered_by_nothing() -> None:
    """R-063: an empty ``InResponseTo`` does not answer a trip that sent no request; with an id it does."""
    message = response(sign(assertion(confirmations=confirmation(confirmation_data(InResponseTo="")))))
    idless = expected(replace(ATTEMPT, request_id=""))
    assert refusal_of(message.replace(f'InResponseTo="{REQUEST_ID}"', ""), idless).startswith(
        "saml_response_"
    )
    assert "saml_response_in_response_to_differs" == refusal_of(honest(), idless)
    assert "ada-7f" == read(honest()).subject


# ── the assertion ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (lambda: with_assertion(version="1.1"), "version_differs"),
        (lambda: with_assertion(issuer="<saml:Issuer>https://other.example</saml:Issuer>"), "issuer_differs"),
        (lambda: with_assertion(issued=at(61)), "issued_in_future"),
        # Conditions.
        (lambda: with_assertion(terms=""), "conditions_missing"),
        (lambda: with_assertion(terms=conditions(begins=None)), "times_missing"),
        (lambda: with_assertion(terms=conditions(ends=None)), "times_missing"),
        (lambda: with_assertion(terms=conditions(begins=at(61))), "not_yet_valid"),
        (lambda: with_assertion(terms=conditions(begins=at(40), ends=at(-40))), "expired"),
        (lambda: with_assertion(terms=conditions(ends=at(-60))), "expired"),
        (lambda: with_assertion(terms=conditions(ends="0001-01-01T00:00:00+14:00")), "time_malformed"),
        (lambda: with_assertion(terms=conditions("")), "audience_missing"),
        (lambda: with_assertion(terms=conditions("<saml:OneTimeUse/>")), "audience_missing"),
        (lambda: with_assertion(terms=conditions(audience("https://other.example"))), "audience_differs"),
        (lambda: with_assertion(terms=conditions(audience(US + "/"))), "audience_differs"),
        (lambda: with_assertion(terms=conditions(audience(US.upper()))), "audience_differs"),
        (lambda: with_assertion(terms=conditions(audience(ACS))), "audience_differs"),
        (
            lambda: with_assertion(terms=conditions(audience(US) + audience("https://other.example"))),
            "audience_differs",
        ),
        # The bearer.
        (lambda: with_assertion(confirmations=" "), "bearer_missing"),
        (lambda: with_assertion(confirmations=confirmation(method=HOLDER)), "bearer_missing"),
        (lambda: with_assertion(confirmations=confirmation("")), "recipient_missing"),
        (lambda: confirmed(Recipient=None), "recipient_missing"),
        (lambda: confirmed(Recipient=ACS + "?x"), "recipient_differs"),
        (lambda: confirmed(Recipient="https://other.example/acs"), "recipient_differs"),
        (lambda: confirmed(InResponseTo=None), "in_response_to_missing"),
        (lambda: confirmed(InResponseTo="_other"), "in_response_to_differs"),
        (lambda: confirmed(NotOnOrAfter=None), "times_missing"),
        (lambda: confirmed(NotOnOrAfter=at(-60)), "expired"),
        (lambda: confirmed(NotBefore=at(61)), "not_yet_valid"),
        # How they signed in.
        (lambda: with_assertion(statements=""), "authn_statement_missing"),
        (lambda: with_assertion(statements=statement() + statement()), "authn_statement_missing"),
        (lambda: with_assertion(statements=statement(SessionNotOnOrAfter=at(-60))), "session_over"),
        (lambda: with_assertion(statements=statement(AuthnInstant=at(61))), "authn_instant_in_future"),
    ],
)
def test_assertion_that_does_not_hold_is_refused(message, reason: str) -> None:
    """R-063: each term of the assertion has its own reason; the same assertion without the fault is taken."""
    assert (f"saml_assertion_{reason}", "ada-7f") == (refusal_of(message()), read(honest()).subject)


@pytest.mark.parametrize(
    "message",
    [
        lambda: with_assertion(terms=conditions(begins=at(60))),
        lambda: with_assertion(terms=conditions(ends=at(-59))),
        lambda: with_assertion(terms=conditions(ends="9999-12-31T23:59:59Z")),
        lambda: with_assertion(terms=conditions(begins="0001-01-01T00:00:00Z")),
        lambda: with_assertion(terms=conditions(audience("https://other.example", US))),
        lambda: with_assertion(terms=conditions(audience(US) + audience(US) + "<saml:OneTimeUse/>")),
        lambda: with_assertion(terms=conditions(audience(US) + '<saml:ProxyRestriction Count="0"/>')),
        lambda: confirmed(NotOnOrAfter=at(-59)),
        lambda: confirmed(NotBefore=at(60)),
        lambda: confirmed(Address="192.0.2.7"),
        lambda: with_assertion(confirmations=confirmation(method=HOLDER) + confirmation()),
        lambda: with_assertion(
            confirmations=confirmation(confirmation_data(Recipient="https://other.example")) + confirmation()
        ),
        lambda: with_assertion(statements=statement(SessionNotOnOrAfter=at(-59))),
        lambda: with_assertion(statements=statement(AuthnInstant=at(60))),
        lambda: with_assertion(statements=statement(AuthnInstant=at(-864_000))),
        lambda: with_assertion(statements=statement(SessionIndex=None)),
    ],
)
def test_assertion_that_just_holds_is_taken(message) -> None:
    """R-063: the checks refuse no honest assertion, with clocks a minute apart at most."""
    assert "ada-7f" == read(message()).subject


def test_condition_that_is_not_understood_makes_it_worth_nothing() -> None:
    """R-063, SAML Core 2.5.1.1: an unknown condition refuses the assertion; without it, it is taken."""
    unknown = '<saml:Condition xsi:type="x:Delegation" xmlns:x="urn:x"/>'
    refused = refusal_of(with_assertion(terms=conditions(audience(US) + unknown)))
    assert refused in ("saml_response_schema_invalid", "saml_assertion_condition_unknown")
    assert "ada-7f" == read(honest()).subject


@pytest.mark.parametrize(("skew", "tolerated"), [(0, 0), (30, 30), (60, 60), (600, 60), (-5, 0)])
def test_settings_lessen_the_tolerance_and_never_widen_it(skew: int, tolerated: int) -> None:
    """R-063: clocks may differ by the setting's seconds, and by 60 at the most."""
    held = expected(clock_skew=skew)
    over = with_assertion(terms=conditions(ends=at(-tolerated)))
    just = with_assertion(terms=conditions(ends=at(1 - tolerated)))
    assert ("saml_assertion_expired", "ada-7f") == (refusal_of(over, held), read(just, held).subject)


def test_audience_is_our_entity_id_of_the_settings() -> None:
    """R-063: where the settings name our entity id, the audience is that, and no longer our metadata's address."""
    named = expected(service_provider_id="urn:acme:jitney")
    message = with_assertion(terms=conditions(audience("urn:acme:jitney")))
    assert ["saml_assertion_audience_differs"] * 2 == [refusal_of(honest(), named), refusal_of(message)]
    assert ["ada-7f"] * 2 == [read(message, named).subject, read(honest()).subject]


@pytest.mark.parametrize(
    ("sealed", "instant", "reason"),
    [
        ({"max_age": 100}, -160, None),
        ({"max_age": 100}, -161, "saml_assertion_authn_instant_too_old"),
        ({"max_age": 0}, -60, None),
        ({"max_age": 0}, -61, "saml_assertion_authn_instant_too_old"),
        ({"fresh_since": NOON - timedelta(seconds=89.5)}, -150, None),
        ({"fresh_since": NOON - timedelta(seconds=90)}, -151, "saml_assertion_authn_instant_too_old"),
        ({"fresh_since": NOON, "max_age": 900}, -300, "saml_assertion_authn_instant_too_old"),
        ({}, -86_400, None),
    ],
)
def test_freshness_that_was_demanded_is_proven(
    sealed: dict[str, Any], instant: int, reason: str | None
) -> None:
    """R-089: ``AuthnInstant`` is verified where a fresh sign-in was demanded; a fresh one is taken."""
    held = expected(replace(ATTEMPT, **sealed))
    message = with_assertion(statements=statement(AuthnInstant=at(instant)))
    if reason is not None:
        assert reason == refusal_of(message, held)
    else:
        assert NOON + timedelta(seconds=instant) == read(message, held).authenticated_at
    assert "ada-7f" == read(with_assertion(statements=statement(AuthnInstant=at(0))), held).subject


def test_way_of_signing_in_that_was_demanded_is_proven() -> None:
    """R-063: with an exact comparison the answer names one of the contexts that were asked for."""
    smartcard = "urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard"
    asked = expected(authn_contexts=(smartcard, "urn:x"))
    assert "saml_assertion_authn_context_differs" == refusal_of(honest(), asked)
    assert smartcard == read(with_assertion(statements=statement(smartcard)), asked).acr
    at_least = expected(authn_contexts=(smartcard,), context_comparison=ContextComparison.MINIMUM)
    assert PASSWORD == read(honest(), at_least).acr


def test_one_time_ids_outlive_the_assertion() -> None:
    """R-065: both ids are kept until NotOnOrAfter and the tolerance; for ever is the year 9000."""
    minute = timedelta(seconds=60)
    short = read(with_assertion(terms=conditions(ends=at(30)))).one_time
    endless = read(with_assertion(terms=conditions(ends="9999-12-31T23:59:59Z"))).one_time
    assert [("_assertion-1", at_time(90)), ("_response-1", at_time(90))] == [
        (each.id, each.expires) for each in short
    ]
    assert datetime(9000, 1, 1, tzinfo=UTC) + minute == endless[0].expires


def at_time(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


# ── what nobody asked for ───────────────────────────────────────────────────────────────────────────


def test_unsolicited_response_answers_nothing() -> None:
    """R-066: without a request, InResponseTo stands nowhere; a response to a request is no unsolicited one."""
    unasked = expected(attempt=None)
    free = sign(assertion(confirmations=confirmation(confirmation_data(InResponseTo=None))))
    assert "ada-7f" == read(response(free, in_response_to=None), unasked).subject
    assert ["saml_response_in_response_to_unasked", "saml_assertion_in_response_to_unasked"] == [
        refusal_of(response(free), unasked),
        refusal_of(response(sign(assertion()), in_response_to=None), unasked),
    ]
    assert "saml_response_in_response_to_missing" == refusal_of(response(free, in_response_to=None))


def test_checks_stand_in_their_order() -> None:
    """R-063: whom it is from and for comes before anything else is believed."""
    assert ["check_version", "check_issuer", "check_destination", "check_in_response_to", "check_issued"] == [
        check.__name__ for check in RESPONSE_CHECKS
    ]
    assert [
        "check_assertion_version",
        "check_assertion_issuer",
        "check_assertion_issued",
        "check_times",
        "check_known_conditions",
        "check_audience",
        "check_confirmation",
        "check_authn_statement",
        "check_freshness",
        "check_context",
    ] == [check.__name__ for check in ASSERTION_CHECKS]
