"""What comes back is this trip's, from the provider that was asked, fresh, and in the provider's own words."""

from dataclasses import replace
from typing import Any

import pytest
from tests.contract.upstream.travelling import Traveller, application_request

from jitney.errors import JitneyError, UpstreamRejected, UpstreamUnavailable
from jitney.outgoing.client import OutgoingLimits
from jitney.testing.fake_oidc_provider import Lie
from jitney.upstream.faults import bounded_error_code

pytestmark = pytest.mark.anyio


async def refused_with(traveller: Traveller, **journey: Any) -> JitneyError:
    with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
        await traveller.travel(**journey)
    return refused.value


async def test_identity_holds_what_was_proven(traveller: Traveller) -> None:
    """R-001, R-002: the key is (internal id, exact subject); the claims are the person's, not the token's."""
    identity = await traveller.travel(application_request(acr_values="gold"))
    assert ("idp-1", "acme-ada", "gold") == (identity.idp, identity.subject, identity.acr)
    assert traveller.clock.now() == identity.authenticated_at
    assert identity.upstream_session
    assert "ada@acme.example" == identity.claims["email"]
    assert set() == {"nonce", "at_hash", "aud", "exp", "iat", "jti"} & set(identity.claims)
    assert "email_verified" in identity.signed_claims


async def test_without_userinfo_two_calls_are_made_in_all(traveller: Traveller) -> None:
    """Where UserInfo is not configured it is not asked for."""
    traveller.configure(use_userinfo=False)
    identity = await traveller.travel()
    assert "ada@acme.example" == identity.claims["email"]
    assert 0 == len(traveller.provider.received.userinfo_subjects)


async def test_userinfo_fills_in_and_raises_no_trust(traveller: Traveller) -> None:
    """R-052: claims of an unsigned UserInfo answer are there, and prove nothing."""
    traveller.provider.habits.claims_in_id_token = False
    identity = await traveller.travel()
    assert ("ada@acme.example", True) == (identity.claims["email"], identity.claims["email_verified"])
    assert set() == {"email", "email_verified", "groups"} & identity.signed_claims


async def test_operator_may_let_userinfo_raise_trust(traveller: Traveller) -> None:
    """R-052: "unless signed or so configured"."""
    traveller.provider.habits.claims_in_id_token = False
    traveller.configure(verified_flags_from_userinfo=True)
    identity = await traveller.travel()
    assert {"email", "email_verified", "groups"} <= identity.signed_claims


async def test_answer_of_another_provider_is_refused(traveller: Traveller) -> None:
    """R-050: the mix-up: a code of one provider under the name of another goes to neither's token endpoint."""
    refused = await refused_with(
        traveller, tamper=lambda brought: brought | {"iss": "https://honest.example"}
    )
    assert ("callback_issuer_differs", 0) == (refused.code, len(traveller.provider.received.token_requests))
    assert "acme-ada" == (await traveller.travel()).subject


async def test_callback_of_another_provider_is_refused(traveller: Traveller) -> None:
    """R-050: the callback's provider must be the attempt's."""
    departure = await traveller.leave()
    brought = await traveller.visit(departure)
    elsewhere = replace(departure, attempt=replace(departure.attempt, idp="idp-2"))
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.arrive(brought, elsewhere)
    assert "callback_of_another_provider" == refused.value.code
    assert "acme-ada" == (await traveller.arrive(brought, departure)).subject


@pytest.mark.parametrize("name", ["id_token", "access_token"])
async def test_token_in_the_callback_signs_nobody_in(traveller: Traveller, name: str) -> None:
    """R-053: "a token posted by a client is never a login", even beside a good code."""
    refused = await refused_with(
        traveller, tamper=lambda brought: brought | {name: "eyJhbGciOiJub25lIn0.e30."}
    )
    alone = await refused_with(
        traveller, tamper=lambda brought: {"state": brought["state"], name: "eyJhbGciOiJub25lIn0.e30."}
    )
    assert ["callback_carries_token"] * 2 == [refused.code, alone.code]
    assert 0 == len(traveller.provider.received.token_requests)
    assert "acme-ada" == (await traveller.travel()).subject


async def test_code_of_another_trip_does_not_fit(traveller: Traveller) -> None:
    """R-049: a code that was stolen elsewhere fails at the verifier, since that stays with its own trip."""
    stolen = await traveller.visit(await traveller.leave())
    refused = await refused_with(traveller, tamper=lambda brought: brought | {"code": stolen["code"]})
    assert "token_request_code_refused" == refused.code
    assert "acme-ada" == (await traveller.travel()).subject


@pytest.mark.parametrize("code", ["c" * 4097, "line\nbreak", "ümlaut"])
async def test_code_that_cannot_be_one_is_not_sent(traveller: Traveller, code: str) -> None:
    """What the browser brings is bounded before it goes anywhere."""
    refused = await refused_with(traveller, tamper=lambda brought: brought | {"code": code})
    assert ("callback_code_malformed", 0) == (refused.code, len(traveller.provider.received.token_requests))
    assert "acme-ada" == (await traveller.travel()).subject


@pytest.mark.parametrize(
    ("error", "reason", "kind"),
    [
        ("access_denied", "upstream_access_denied", UpstreamRejected),
        ("login_required", "upstream_interaction_required", UpstreamRejected),
        ("consent_required", "upstream_interaction_required", UpstreamRejected),
        ("temporarily_unavailable", "upstream_out_of_order", UpstreamUnavailable),
        ("server_error", "upstream_out_of_order", UpstreamUnavailable),
        ("invalid_scope", "upstream_error", UpstreamRejected),
        ("<script>alert(1)</script>", "upstream_error", UpstreamRejected),
    ],
)
async def test_error_answer_is_read_by_its_code_alone(
    traveller: Traveller, error: str, reason: str, kind: type[JitneyError]
) -> None:
    """R-055: what they wrote goes to nobody; the code goes to the operator, bounded."""
    words = {"error": error, "error_description": "<b>call 555-0100</b>", "error_uri": "https://evil.example"}
    refused = await refused_with(traveller, tamper=lambda brought: brought | words)
    assert (reason, kind) == (refused.code, type(refused))
    assert error.replace("<script>alert(1)</script>", "unreadable") == refused.details["upstream_code"]
    assert [] == [text for text in ("script", "555", "evil") if text in repr(refused)]


@pytest.mark.parametrize("error", ["", "x" * 65, "a b", "<x>", "a\n", "é", 7, None])
async def test_code_that_is_none_becomes_unreadable(error: object) -> None:
    """R-055: bounded in length and alphabet."""
    assert ("unreadable", "invalid_scope") == (bounded_error_code(error), bounded_error_code("invalid_scope"))


async def test_trusted_audience_may_stand_beside_us(traveller: Traveller) -> None:
    """R-051: "no untrusted extra audience"; with several, ``azp`` must say us (OIDC Core 3.1.3.7 (4, 5))."""
    traveller.configure(trusted_audiences=("another-client",))
    traveller.provider.lie_next(Lie.EXTRA_AUDIENCE)
    identity = await traveller.travel()
    traveller.provider.lie_next(Lie.MISSING_AZP)
    refused = await refused_with(traveller)
    assert ("acme-ada", "id_token_azp_missing") == (identity.subject, refused.code)


@pytest.mark.parametrize(
    ("skew", "drift", "reason"),
    [
        # The provider's clock is ahead of ours: its iat lies in our future.
        (60, 60, None),
        (60, 61, "id_token_issued_in_future"),
        (0, 0, None),
        (0, 1, "id_token_issued_in_future"),
        (600, 61, "id_token_issued_in_future"),
        # It is behind: its tokens live for 300 s from its iat.
        (60, -359, None),
        (60, -360, "id_token_expired"),
        (0, -299, None),
        (0, -300, "id_token_expired"),
        (600, -360, "id_token_expired"),
    ],
)
async def test_clocks_may_differ_by_the_tolerance_and_no_more(
    traveller: Traveller, skew: int, drift: int, reason: str | None
) -> None:
    """R-051: "``exp``, ``iat``, ``nbf`` within ±60 s"; a provider may be held to less, and never to more."""
    traveller.configure(clock_skew=skew)
    departure = await traveller.leave()
    brought = await traveller.visit(departure)
    traveller.clock.drift = drift
    if reason is None:
        assert "acme-ada" == (await traveller.arrive(brought, departure)).subject
        return
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.arrive(brought, departure)
    assert reason == refused.value.code


class TestImpatience:
    """With deadlines of a fraction of a second."""

    @pytest.fixture
    def limits(self) -> OutgoingLimits:
        return OutgoingLimits(connect_timeout=1, total=1)

    async def test_silent_provider_holds_nobody_for_ever(self, traveller: Traveller) -> None:
        """R-075, P-11: the deadline ends the wait, with a sentence that says what to do."""
        await traveller.travel()
        traveller.provider.lie_next(Lie.TOKEN_NEVER_ANSWERS)
        refused = await refused_with(traveller)
        assert ("upstream_timeout", "token_endpoint") == (refused.code, refused.details["place"])
        assert "try again in a few minutes" in refused.sentence
        assert "acme-ada" == (await traveller.travel()).subject


async def test_provider_that_is_down_is_said_to_be(traveller: Traveller) -> None:
    """P-11: nobody listens: a fault that may pass, in words that a person understands."""
    departure = await traveller.leave()
    brought = await traveller.visit(departure)
    await traveller.provider.stop()
    with pytest.raises(UpstreamUnavailable) as refused:
        await traveller.arrive(brought, departure)
    assert "upstream_unreachable" == refused.value.code
    assert "try again in a few minutes" in refused.value.sentence
