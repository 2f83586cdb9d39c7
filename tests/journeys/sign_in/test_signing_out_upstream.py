"""Single logout: a SAML provider ends our sessions, and we take people who sign out here to sign out there too."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.sign_in.sign_in_house import (
    ACME,
    OTHER_BROWSER,
    House,
    ada,
    refusal_of,
)

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.session import Session
from jitney.ports import LogoutAsked, Onward
from jitney.signin.journey import Arrived, Choose

pytestmark = pytest.mark.anyio

MESSAGE = UnverifiedResponse({"SAMLRequest": "unverified"})


def asked(house: House, *sessions: str, name: str = "name-1", id: str = "_1") -> LogoutAsked:
    return LogoutAsked(id, house.clock.now() + timedelta(minutes=5), name, sessions, "their-state")


async def two_people(house: House) -> tuple[Arrived, Arrived]:
    """Sign in two people of whom the provider knows the first as ``name-1`` and the second as ``name-2``."""
    house.upstream.script["saml"] = replace(ada(), upstream_name="name-1")
    house.upstream.script["eve"] = replace(
        ada("eve-1", preferred_username="eve"), upstream_name="name-2", upstream_session="upstream-1"
    )
    return await house.sign_in(code="saml"), await house.sign_in(code="eve", browser=OTHER_BROWSER)


@pytest.mark.parametrize("sessions", [(), ("upstream-1",), ("upstream-9", "upstream-1")])
async def test_logout_request_ends_the_sessions_that_it_names(
    house: House, sessions: tuple[str, ...]
) -> None:
    """R-070: the sessions of this name end, all or those with these indexes, and nobody else's."""
    mine, hers = await two_people(house)
    house.upstream.saml = asked(house, *sessions)
    assert Onward("https://acme.example/logged-out?True") == await house.logout.end_saml("acme", MESSAGE)
    assert isinstance(await house.with_session(mine.token), Choose)
    assert isinstance(await house.with_session(hers.token), Arrived)


async def test_other_session_index_ends_nothing(house: House) -> None:
    """R-070: a request about another session of the same name leaves this one alone."""
    mine, _ = await two_people(house)
    house.upstream.saml = asked(house, "upstream-9")
    await house.logout.end_saml("acme", MESSAGE)
    assert isinstance(await house.with_session(mine.token), Arrived)
    house.upstream.saml = asked(house, "upstream-1", id="_2")
    await house.logout.end_saml("acme", MESSAGE)
    assert isinstance(await house.with_session(mine.token), Choose)


async def test_logout_request_works_once(house: House) -> None:
    """R-065, P-5: a request that was seen before is refused, and ends no session that began since."""
    await two_people(house)
    house.upstream.saml = asked(house)
    await house.logout.end_saml("acme", MESSAGE)
    since = await house.sign_in(code="saml")
    replayed = await refusal_of(house, house.logout.end_saml("acme", MESSAGE))
    assert "saml_logout_request_replayed" == replayed.code
    assert isinstance(await house.with_session(since.token), Arrived)


async def test_request_that_is_not_believed_ends_nothing(house: House) -> None:
    """R-070: an unsigned request, and one to a provider that we do not know, change nothing."""
    mine, _ = await two_people(house)
    house.upstream.saml = UpstreamRejected("saml_logout_request_unsigned", "No.")
    refused = await refusal_of(house, house.logout.end_saml("acme", MESSAGE))
    assert "saml_logout_request_unsigned" == refused.code
    unknown = await refusal_of(house, house.logout.end_saml("gone", MESSAGE))
    assert "identity_provider_unknown" == unknown.code
    assert isinstance(await house.with_session(mine.token), Arrived)


async def session_to_end(house: House, *, passes_on: bool = True) -> Session:
    await house.change_provider(connection=replace(ACME.connection, passes_logout_on=passes_on))
    house.upstream.script["hinted"] = replace(ada(), logout_hint="the-hint")
    return (await house.sign_in(code="hinted")).session


async def test_sign_out_here_leads_on_to_the_provider_and_back(house: House) -> None:
    """R-108: the way back is kept on the server; it works once, and at this provider's address alone."""
    session = await session_to_end(house)
    onward = await house.onward.begin(session, return_to="https://shop.example/bye")
    assert Onward("https://acme.example/logout") == onward
    [(hint, state)] = house.upstream.signed_out
    assert "the-hint" == hint
    back = UnverifiedResponse({"RelayState": state})
    elsewhere = house.onward.finish("other", back)
    assert "logout_trip_unknown" == (await refusal_of(house, elsewhere)).code
    assert "https://shop.example/bye" == await house.onward.finish("acme", back)
    assert "logout_trip_unknown" == (await refusal_of(house, house.onward.finish("acme", back))).code


async def test_person_stays_here_where_nothing_is_passed_on(house: House) -> None:
    """Without the setting, without a hint, or with a provider that is down, nobody is sent anywhere."""
    session = await session_to_end(house, passes_on=False)
    assert None is await house.onward.begin(session, return_to=None)
    await house.change_provider(connection=replace(ACME.connection, passes_logout_on=True))
    assert None is await house.onward.begin(replace(session, logout_hint=None), return_to=None)
    assert None is await house.onward.begin(replace(session, idp=None), return_to=None)
    house.upstream.on_departure = UpstreamUnavailable("upstream_timeout", "Later.")
    assert None is await house.onward.begin(session, return_to=None)
    house.upstream.on_departure = None
    assert None is not await house.onward.begin(session, return_to=None)


async def test_answer_that_is_not_the_providers_ends_the_trip(house: House) -> None:
    """R-070, P-5: a forged answer is refused, and there is no second try."""
    session = await session_to_end(house)
    await house.onward.begin(session, return_to="https://shop.example/bye")
    back = UnverifiedResponse({"RelayState": house.upstream.signed_out[0][1]})
    house.upstream.logout_answer = UpstreamRejected("saml_logout_response_unsigned", "No.")
    with pytest.raises(UpstreamRejected) as refused:
        await house.onward.finish("acme", back)
    assert "saml_logout_response_unsigned" == refused.value.code
    house.upstream.logout_answer = None
    assert "logout_trip_unknown" == (await refusal_of(house, house.onward.finish("acme", back))).code


async def test_old_trip_leads_nowhere(house: House) -> None:
    """R-023: whoever comes back after ten minutes is told that they are signed out here."""
    session = await session_to_end(house)
    await house.onward.begin(session, return_to="https://shop.example/bye")
    back = UnverifiedResponse({"state": house.upstream.signed_out[0][1]})
    house.clock.advance(timedelta(minutes=10))
    assert "logout_trip_unknown" == (await refusal_of(house, house.onward.finish("acme", back))).code
    nobody = house.onward.finish("acme", UnverifiedResponse({}))
    assert "logout_trip_unknown" == (await refusal_of(house, nobody)).code
