"""An answer that the browser posts is taken where it was asked for, and its ``user`` gives a name and no more."""

import json
from typing import Any

import pytest
from tests.attack_summary import ACCEPTED, AttackRow, Tell
from tests.contract.upstream.travelling import Traveller, query_of

from jitney.errors import UpstreamRejected
from jitney.model.connection import OIDCConnection, ResponseMode
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.testing.fake_oidc_provider import Lie
from jitney.upstream.oidc.first_consent import read_first_consent

pytestmark = pytest.mark.anyio

POSTED = OIDCConnection("https://idp.example", "jitney", response_mode=ResponseMode.FORM_POST)


def as_apple(traveller: Traveller) -> None:
    """Let the provider post its answers, and tell the name once."""
    traveller.provider.habits.tells_name_once = True
    traveller.configure(response_mode=ResponseMode.FORM_POST)


async def travel_by_form(traveller: Traveller) -> FederatedIdentity:
    departure = await traveller.leave()
    return await traveller.upstream.complete(await traveller.visit_and_post(departure), departure.attempt)


async def test_form_is_asked_for_and_taken(traveller: Traveller) -> None:
    """OIDC Form Post Response Mode: the parameter travels where the settings say so, and only there."""
    by_default = query_of((await traveller.leave()).location)
    as_apple(traveller)
    asked = query_of((await traveller.leave()).location)
    assert (None, "form_post") == (by_default.get("response_mode"), asked["response_mode"])
    assert "acme-ada" == (await travel_by_form(traveller)).subject


async def test_name_is_told_at_the_first_consent_alone(traveller: Traveller) -> None:
    """R-052: the form's name is there the first time, unsigned, and its address is never looked at."""
    as_apple(traveller)
    traveller.configure(verified_flags_from_userinfo=True, scopes=("openid", "name"))
    first, second = await travel_by_form(traveller), await travel_by_form(traveller)
    assert ("Ada", "Alder") == (first.claims["given_name"], first.claims["family_name"])
    assert set() == {"given_name", "family_name"} & (first.signed_claims | set(second.claims))
    assert "email" not in first.claims
    assert first.subject == second.subject


@pytest.mark.parametrize(
    ("lie", "name"), [(Lie.USER_CLAIMS_MORE, "Eve"), (Lie.USER_GARBAGE, None), (Lie.USER_HUGE, None)]
)
async def test_what_the_browser_says_about_itself_is_a_name_at_most(
    traveller: Traveller, lie: Lie, name: str | None, tell: Tell
) -> None:
    """R-052: an address, a flag, a subject or groups in ``user`` are nothing; a field without sense is no field."""
    as_apple(traveller)
    traveller.provider.lie_next(lie)
    lied_to, honest = await travel_by_form(traveller), await travel_by_form(traveller)
    is_harmless = (
        lied_to.subject == honest.subject == "acme-ada" and "given_name" not in lied_to.signed_claims
    )
    tell(AttackRow("form post", lie.name.lower(), ACCEPTED, ACCEPTED if is_harmless else "", ACCEPTED))
    assert ("acme-ada", "acme-ada") == (lied_to.subject, honest.subject)
    assert name == lied_to.claims.get("given_name")
    assert "given_name" not in lied_to.signed_claims
    assert ("ada@acme.example", ["staff", "engineering"]) == (
        lied_to.claims["email"], lied_to.claims["groups"],
    )  # fmt: skip


async def test_name_of_the_form_never_replaces_the_providers(traveller: Traveller) -> None:
    """R-052: where the ID token or UserInfo says a name, the browser's is not heard."""
    traveller.configure(response_mode=ResponseMode.FORM_POST)
    traveller.provider.lie_next(Lie.USER_CLAIMS_MORE)
    identity = await travel_by_form(traveller)
    assert ("Ada", "Alder") == (identity.claims["given_name"], identity.claims["family_name"])
    assert "given_name" in identity.signed_claims


async def test_answer_comes_the_way_that_was_asked_for(traveller: Traveller, tell: Tell) -> None:
    """R-102, R-049: a form that nobody asked for is no answer, nor is an address where a form was asked for."""
    reason = "callback_mode_differs"
    departure = await traveller.leave()
    brought = await traveller.visit(departure)
    with pytest.raises(UpstreamRejected) as unasked:
        await traveller.upstream.complete(UnverifiedResponse(brought, is_posted=True), departure.attempt)
    honest = await traveller.arrive(brought, departure)
    tell(AttackRow("form post", "form_nobody_asked_for", reason, unasked.value.code, ACCEPTED))
    as_apple(traveller)
    traveller.provider.lie_next(Lie.QUERY_INSTEAD_OF_FORM)
    departure = await traveller.leave()
    with pytest.raises(UpstreamRejected) as by_address:
        await traveller.arrive(await traveller.visit(departure), departure)
    again = await travel_by_form(traveller)
    tell(AttackRow("form post", "query_instead_of_form", reason, by_address.value.code, ACCEPTED))
    assert [reason] * 2 == [unasked.value.code, by_address.value.code]
    assert 2 == len(traveller.provider.received.token_requests)
    assert honest.subject == again.subject


@pytest.mark.parametrize("error", ["user_cancelled_authorize", "user_cancelled_login", "access_denied"])
async def test_person_who_went_back_has_said_no(traveller: Traveller, error: str) -> None:
    """R-055: Apple's and LinkedIn's own words for a refusal are understood; the honest twin signs in."""
    as_apple(traveller)
    departure = await traveller.leave()
    posted = await traveller.visit_and_post(departure)
    refusing = UnverifiedResponse({"state": posted.parameters["state"], "error": error}, is_posted=True)
    with pytest.raises(UpstreamRejected) as refused:
        await traveller.upstream.complete(refusing, departure.attempt)
    assert "upstream_access_denied" == refused.value.code
    assert "acme-ada" == (await traveller.upstream.complete(posted, departure.attempt)).subject


@pytest.mark.parametrize(
    "user",
    ["", "[]", "null", "{", '{"name":"Ada"}', '{"name":["Ada"]}', '{"name":{"firstName":7}}',
     '{"name":{"firstName":"A\\u0000da"}}', '{"name":{"firstName":"A","firstName":"B"}}',
     '{"name":{"firstName":"  "}}',
     json.dumps({"name": {"firstName": "a" * 101}}), json.dumps({"email": "ada@acme.example"}), "\ud800"],
)  # fmt: skip
async def test_field_that_is_no_name_is_none(user: str) -> None:
    """R-071: what cannot be read within bounds gives no claim; a readable twin gives a name."""
    good: dict[str, Any] = {"name": {"firstName": "Ada ", "lastName": "Alder"}, "email": "x@y.example"}
    assert {} == read_first_consent(UnverifiedResponse({"user": user}, is_posted=True), POSTED)
    read = read_first_consent(UnverifiedResponse({"user": json.dumps(good)}, is_posted=True), POSTED)
    assert {"given_name": "Ada", "family_name": "Alder"} == read


async def test_name_counts_in_a_form_alone() -> None:
    """R-052: neither an address with ``user`` in it, nor a form that the settings do not ask for, gives a name."""
    parameters = {"user": '{"name":{"firstName":"Eve"}}'}
    asked = OIDCConnection("https://idp.example", "jitney")
    assert {} == read_first_consent(UnverifiedResponse(parameters), POSTED)
    assert {} == read_first_consent(UnverifiedResponse(parameters, is_posted=True), asked)
    assert {"given_name": "Eve"} == read_first_consent(UnverifiedResponse(parameters, is_posted=True), POSTED)
