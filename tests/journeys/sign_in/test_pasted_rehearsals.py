"""Pasted claims are rehearsed as a sign-in would go; nothing of them is carried out, kept or believed."""

import json
from dataclasses import replace

import pytest
from tests.journeys.sign_in.sign_in_house import House, refusal_of

from jitney.errors import UpstreamRejected
from jitney.model.claims import Claims
from jitney.model.identity_provider import IdentityProvider
from jitney.ports import ExaminedResponse, PastedPerson
from jitney.provisioning.decision import PassThrough, Provision, Refuse
from jitney.signin.pasted_rehearsal import MOST_PASTED, PastedRehearsal
from jitney.signin.rehearsal import Rehearsal
from jitney.testing.standing_clock import StandingClock
from jitney.upstream.pasting import PastedWordsOfProviders

pytestmark = pytest.mark.anyio

TEXT = json.dumps({"sub": "ada-1", "preferred_username": "ada", "given_name": "Ada"})


class OldResponse:
    """Reads every response as an honest one of yesterday."""

    def describe(self, idp: IdentityProvider, claims: Claims, *, subject: str | None = None) -> PastedPerson:
        return PastedPerson(subject or "", claims)

    def examine(self, idp: IdentityProvider, unverified: str) -> ExaminedResponse:
        fault = UpstreamRejected("saml_assertion_expired", "No.")
        if unverified == "forged":
            return ExaminedResponse(None, (UpstreamRejected("saml_response_bad_signature", "No."),))
        return ExaminedResponse(PastedPerson("ada-1", {"uid": "ada"}, frozenset({"uid"})), (fault,))


def pasted(house: House) -> PastedRehearsal:
    words = PastedWordsOfProviders(StandingClock(), "https://id.example")
    return PastedRehearsal(
        house.doors.identity_providers, words, Rehearsal(house.doors.identity_providers, house.facts)
    )


async def test_claims_are_rehearsed_and_nothing_changes(house: House) -> None:
    """Issue 7: an account would be made; no table holds anything that it did not hold before."""
    before = await house.snapshot()
    result = await pasted(house).of_claims("acme", TEXT)
    assert before == await house.snapshot()
    assert result.rehearsed is not None
    assert isinstance(result.rehearsed.decision, Provision)
    assert result.identity is not None
    assert ("ada-1", False, ()) == (result.identity.subject, result.is_response, result.faults)
    assert "ada-9" == getattr(
        (await pasted(house).of_claims("acme", TEXT, subject="ada-9")).identity, "subject", None
    )


async def test_application_has_its_part_in_it(house: House) -> None:
    """Issue 7, R-027: towards an application that needs an account, nobody passes through."""
    await house.change_policy(enabled=False)
    passing = await pasted(house).of_claims("acme", TEXT, application="shop")
    await house.change_application(requires_local_account=True)
    refused = await pasted(house).of_claims("acme", TEXT, application="shop")
    assert isinstance(passing.rehearsed and passing.rehearsed.decision, PassThrough)
    assert isinstance(refused.rehearsed and refused.rehearsed.decision, Refuse)


async def test_provider_that_is_off_is_rehearsed_as_if_it_were_on(house: House) -> None:
    """Issue 7: and it is said that it is off."""
    await house.change_provider(enabled=False)
    result = await pasted(house).of_claims("acme", TEXT)
    assert result.is_switched_off
    assert isinstance(result.rehearsed and result.rehearsed.decision, Provision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        '{"sub": "a", "sub": "b"}',
        '{"sub": NaN}',
        "{" * 99,
        f'{{"a": "{"x" * MOST_PASTED}"}}',
        "\ud800",
    ],
)
async def test_what_are_no_claims_is_refused(house: House, text: str) -> None:
    """R-058, R-127: no JSON object, or too much of it: refused with a reason that quotes nothing."""
    fault = await refusal_of(house, pasted(house).of_claims("acme", text))
    assert "claims_unreadable" == fault.code
    assert ["pasted"] == list(getattr(fault, "fields", {}))
    assert (await pasted(house).of_claims("acme", TEXT)).rehearsed is not None


async def test_unknown_provider_is_refused(house: House) -> None:
    """R-024: there is nothing to decide without settings."""
    for call in (pasted(house).of_claims("gone", TEXT), pasted(house).of_response("gone", "<a/>")):
        assert "identity_provider_not_found" == (await refusal_of(house, call)).code
    assert (await pasted(house).of_claims("acme", TEXT)).rehearsed is not None


async def test_old_response_is_rehearsed_and_a_forged_one_is_not(house: House) -> None:
    """Issue 7: what a signature covers is rehearsed with what speaks against it; of a forgery nothing is."""
    before = await house.snapshot()
    rehearsing = replace(pasted(house), words=OldResponse())
    old = await rehearsing.of_response("acme", "old")
    assert (["saml_assertion_expired"], True) == ([fault.code for fault in old.faults], old.is_response)
    assert isinstance(old.rehearsed and old.rehearsed.decision, Provision)
    forged = await rehearsing.of_response("acme", "forged")
    assert (None, None) == (forged.identity, forged.rehearsed)
    assert ["saml_response_bad_signature"] == [fault.code for fault in forged.faults]
    assert before == await house.snapshot()
