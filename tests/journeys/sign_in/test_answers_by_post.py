"""Answers that another site's page posts: which browser it is, documents that count once, and unasked-for ones."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.sign_in.sign_in_house import (
    ACME,
    BROWSER,
    OTHER_BROWSER,
    REQUEST,
    House,
    ada,
    refusal_of,
)

from jitney.errors import JitneyError, UpstreamRejected
from jitney.model.federated_identity import OneTimeId, UnverifiedResponse
from jitney.model.saml_connection import SAMLConnection
from jitney.model.secret_hash import hash_secret
from jitney.ports import Unsolicited
from jitney.signin.journey import Arrived, Leave, Refused
from jitney.signin.journeys_in_browsers import Visitor, visitor_token
from jitney.signin.unsolicited import Invited

pytestmark = pytest.mark.anyio

SAML = SAMLConnection("https://acme.example/idp", idp_initiated=True)
UNASKED = UnverifiedResponse({"SAMLResponse": "unverified"}, is_posted=True)
START = "https://shop.example/start"


async def left(house: House) -> tuple[Leave, str]:
    """Leave for Acme, which answers by SAML; return the step and the state."""
    await house.change_provider(connection=SAML)
    handle = await house.choose()
    step = await house.federated.begin(handle, "acme", browser=BROWSER)
    return step, step.location.partition("state=")[2]


async def test_browser_is_known_by_its_visitors_token(house: House) -> None:
    """R-102, R-049: where our other cookies do not come, the token says which browser; another's does not serve."""
    step, state = await left(house)
    assert visitor_token(hash_secret(BROWSER)) == step.visitor
    answer = UnverifiedResponse({"RelayState": state, "SAMLResponse": "…", "code": "ada"}, is_posted=True)
    thief = Visitor(token=visitor_token(hash_secret(OTHER_BROWSER)))
    for visitor in (thief, Visitor()):
        stolen = house.federated.complete("acme", answer, browser=visitor)
        assert "state_of_other_browser" == (await refusal_of(house, stolen)).code
    mine = await house.federated.complete("acme", answer, browser=Visitor(token=step.visitor))
    assert isinstance(mine, Arrived)


async def test_answer_in_the_address_needs_no_visitor(house: House) -> None:
    """R-102: the cookie that other sites may bring is given only where an answer comes by a form."""
    step = await house.federated.begin(await house.choose(), "acme", browser=BROWSER)
    assert None is step.visitor


async def test_document_signs_in_once(house: House) -> None:
    """R-065, P-5: the same assertion in another journey is refused, and makes no session."""
    once = OneTimeId("_assertion-1", house.clock.now() + timedelta(minutes=5))
    house.upstream.script["saml"] = replace(ada(), one_time=(once,))
    first = await house.come_back(await house.leave(), code="saml")
    assert isinstance(first, Arrived)
    again = await house.come_back(await house.leave(), code="saml")
    assert isinstance(again, Refused)
    assert "saml_response_replayed" == again.outcome.code
    house.upstream.script["saml"] = replace(ada(), one_time=(replace(once, id="_assertion-2"),))
    assert isinstance(await house.come_back(await house.leave(), code="saml"), Arrived)


async def prepare_unasked(house: House) -> None:
    await house.change_provider(connection=SAML)
    await house.change_application(initiate_login_uri=START)
    once = OneTimeId("_unasked-1", house.clock.now() + timedelta(minutes=5))
    house.upstream.saml = Unsolicited(replace(ada(), one_time=(once,)), "shop")


async def test_unasked_response_invites_and_makes_nothing(house: House) -> None:
    """R-066, R-009: it makes no session, user or link; the application begins, through this provider."""
    await prepare_unasked(house)
    before = await house.snapshot()
    assert Invited("shop", START, "acme") == await house.unsolicited.receive("acme", UNASKED)
    after = await house.snapshot()
    assert [name for name in before if before[name] != after[name]] == ["spent"]
    step = await house.arrival.arrive(REQUEST, session_token=None, browser=BROWSER, came_from="acme")
    assert isinstance(step, Leave)


async def test_unasked_response_works_once(house: House) -> None:
    """R-066, P-5: the same document a second time is refused."""
    await prepare_unasked(house)
    await house.unsolicited.receive("acme", UNASKED)
    replayed = await refusal_of(house, house.unsolicited.receive("acme", UNASKED))
    assert "saml_response_replayed" == replayed.code


async def test_unasked_response_is_off_by_default(house: House) -> None:
    """R-066: without the setting it is not even looked at."""
    await prepare_unasked(house)
    await house.change_provider(connection=replace(SAML, idp_initiated=False))
    assert None is await house.unsolicited.receive("acme", UNASKED)
    await house.change_provider(connection=ACME.connection)
    assert None is await house.unsolicited.receive("acme", UNASKED)
    await house.change_provider(connection=SAML)
    assert None is not await house.unsolicited.receive("acme", UNASKED)


async def test_unasked_response_leads_only_where_it_may(house: House) -> None:
    """R-066, R-021: not from a provider that is off, nor to an application that cannot take it."""
    await prepare_unasked(house)
    await house.change_provider(enabled=False)
    assert "identity_provider_disabled" == (await unasked_refusal(house)).code
    await house.change_provider(enabled=True)
    for changed in ({"identity_providers": ("other",)}, {"enabled": False}, {"initiate_login_uri": None}):
        good = {"identity_providers": (), "enabled": True, "initiate_login_uri": START}
        await house.change_application(**changed)
        assert "unsolicited_leads_nowhere" == (await unasked_refusal(house)).code
        await house.change_application(**good)
    house.upstream.saml = UpstreamRejected("saml_response_bad_signature", "No.")
    assert "saml_response_bad_signature" == (await unasked_refusal(house)).code
    await prepare_unasked(house)
    assert Invited("shop", START, "acme") == await house.unsolicited.receive("acme", UNASKED)


async def unasked_refusal(house: House) -> JitneyError:
    return await refusal_of(house, house.unsolicited.receive("acme", UNASKED))
