"""A provider says that a session there has ended."""

from datetime import timedelta

import pytest
from tests.journeys.sign_in.sign_in_house import OTHER_BROWSER, House, ada, refusal_of

from jitney.errors import UpstreamRejected
from jitney.model.audit_event import Action
from jitney.ports import EndedUpstream
from jitney.signin.journey import Arrived, Choose

pytestmark = pytest.mark.anyio


def ended(house: House, jti: str = "jti-1", **who: str | None) -> EndedUpstream:
    named = {"subject": None, "upstream_session": None, **who}
    return EndedUpstream(jti, house.clock.now() + timedelta(minutes=2), **named)


async def test_logout_of_a_subject_ends_its_sessions_and_no_others(house: House) -> None:
    """R-056: what the verified token names is ended, and an audit event tells of it."""
    house.upstream.script["eve"] = ada("eve-1", preferred_username="eve")
    mine, hers = await house.sign_in(), await house.sign_in(code="eve", browser=OTHER_BROWSER)
    house.upstream.logout = ended(house, subject="ada-1")
    await house.logout.end("acme", "token")
    assert isinstance(await house.with_session(mine.token), Choose)
    assert isinstance(await house.with_session(hers.token), Arrived)
    assert Action.SESSION_ENDED == (await house.doors.records.events())[0].action


async def test_logout_token_ends_something_once(house: House) -> None:
    """R-056, P-5: a token that was seen before is refused, and ends no session that began since."""
    house.upstream.logout = ended(house, subject="ada-1")
    await house.sign_in()
    await house.logout.end("acme", "token")
    since = await house.sign_in()
    assert "logout_token_replayed" == (await refusal_of(house, house.logout.end("acme", "token"))).code
    assert isinstance(await house.with_session(since.token), Arrived)
    house.upstream.logout = ended(house, "jti-2", upstream_session="upstream-1")
    await house.logout.end("acme", "token")
    assert isinstance(await house.with_session(since.token), Choose)


async def test_token_that_is_not_believed_ends_nothing(house: House) -> None:
    """R-056: a token that does not verify, and one for a provider that we do not know, change nothing."""
    await house.sign_in()
    house.upstream.logout = UpstreamRejected("logout_token_bad_signature", "No.")
    assert "logout_token_bad_signature" == (await refusal_of(house, house.logout.end("acme", "token"))).code
    assert "identity_provider_unknown" == (await refusal_of(house, house.logout.end("gone", "token"))).code
