"""One's own sessions: which there are, and how they are ended from elsewhere."""

from datetime import timedelta

import pytest
from tests.journeys.account.study import Study, study_of_ada

from jitney.errors import Conflict
from jitney.model.audit_event import Action
from jitney.model.changes import AddTokenFamily, EndSession
from jitney.model.grant import Authentication, TokenFamily
from jitney.model.session import LocalPerson

pytestmark = pytest.mark.anyio


async def study_of_three() -> Study:
    study = await study_of_ada()
    await study.add_user("linus")
    await study.sign_in("elsewhere")
    await study.sign_in("linus", name="linus")
    return study


async def test_own_live_sessions_are_listed_this_one_first() -> None:
    """R-103, R-111: nobody else's, and none that has rested too long or run out."""
    study = await study_of_three()
    now = study.clock.now()
    await study.sign_in("idle", last_seen=now - timedelta(minutes=31))
    await study.sign_in("over", expires=now)
    listed = await study.own.sessions.of(await study.me("elsewhere"))
    assert ["elsewhere", "here"] == [one.id_hash for one in listed]


async def test_one_session_is_ended() -> None:
    """R-084: it is gone with an event; of this very one it is said that it was."""
    study = await study_of_three()
    me = await study.me()
    assert not await study.own.sessions.end(me, "public-elsewhere")
    assert {"here", "linus"} == set(study.state.sessions)
    assert await study.own.sessions.end(me, "public-here")
    assert {"linus"} == set(study.state.sessions)
    assert [Action.SESSION_ENDED, Action.SESSION_ENDED] == study.actions


async def test_all_others_are_ended() -> None:
    """R-084: however many there are, also those that nobody uses any more; other people's stay."""
    study = await study_of_three()
    for number in range(120):
        await study.sign_in(f"more {number}", last_seen=study.clock.now() - timedelta(hours=1))
    here = study.state.sessions["here"]
    await study.own.sessions.end_others(await study.me())
    assert {"here", "linus"} == set(study.state.sessions)
    assert here == study.state.sessions["here"]


async def test_tokens_of_sessions_that_are_gone_end_too() -> None:
    """R-084: a refresh token whose session was swept away long ago is worth nothing after “everywhere else”."""
    study = await study_of_three()
    now = study.clock.now()
    by = Authentication(LocalPerson("u-ada", "PRIMARY"), now, "swept away", "public")
    family = TokenFamily(
        "f-1", "shop", ("openid",), by, {}, None, now, now + timedelta(days=30), refreshable=True
    )
    await study.commit(AddTokenFamily(family))
    await study.own.sessions.end_others(await study.me())
    assert now == study.state.families["f-1"].revoked


async def test_session_of_somebody_else_is_none() -> None:
    """R-111: another person's looks exactly like one that there is not; one's own is found."""
    study = await study_of_three()
    me = await study.me()
    for public_id in ("public-linus", "linus", "nobody's", "", "elsewhere"):
        await study.refuses(study.own.sessions.end(me, public_id), because="session_not_found")
    assert not await study.own.sessions.end(me, "public-elsewhere")


@pytest.mark.parametrize("act", ["end", "end others"])
async def test_ended_session_ends_no_other(act: str) -> None:
    """R-021, P-7: a stolen browser that is signed out at this moment throws nobody out any more."""
    study = await study_of_three()
    me = await study.me()

    async def meddle() -> None:
        await study.commit(EndSession("here", study.clock.now()))

    study.work.meanwhile = meddle
    ends = (
        study.own.sessions.end_others(me)
        if act == "end others"
        else study.own.sessions.end(me, "public-elsewhere")
    )
    with pytest.raises(Conflict):
        await ends
    assert {"elsewhere", "linus"} == set(study.state.sessions)
