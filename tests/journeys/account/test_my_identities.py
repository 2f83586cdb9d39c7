"""One's own linked identities: which there are, and how one is taken away."""

from dataclasses import replace

import pytest
from tests.journeys.account.study import GLOBEX, MINUTE, Study, old, study_of_ada
from tests.journeys.sign_in.sign_in_house import ACME

from jitney.errors import Conflict
from jitney.model.audit_event import Action
from jitney.model.changes import EndSession, RemoveAccountLink, SaveIdentityProvider
from jitney.model.factor import FactorKind

pytestmark = pytest.mark.anyio


async def linked_twice(**changed: object) -> Study:
    study = await study_of_ada(**changed)
    await study.add_provider(GLOBEX)
    study.clock.advance(MINUTE)
    await study.link("idp-globex", "g-1")
    return study


async def key_of(study: Study, idp: str = "idp-globex") -> str:
    return next(one.key for one in await study.own.identities.of(await study.me()) if one.link.idp == idp)


async def unlink(study: Study, idp: str = "idp-globex", *, session: str = "here") -> bool:
    return await study.own.identities.unlink(await study.me(session), await key_of(study, idp))


async def test_identities_are_listed_with_which_is_needed() -> None:
    """R-009: the oldest first; the one that the session came through, and the only one that opens, are marked."""
    study = await study_of_ada()
    (only,) = await study.own.identities.of(await study.me())
    assert (True, True, True) == (only.is_only_way, only.opened_this, only.opens)
    study = await linked_twice()
    acme, globex = await study.own.identities.of(await study.me())
    assert ("Acme", False, True) == (
        acme.provider and acme.provider.display_name,
        acme.is_only_way,
        acme.opened_this,
    )
    assert ("Globex", False, False) == (
        globex.provider and globex.provider.display_name, globex.is_only_way, globex.opened_this
    )  # fmt: skip


async def test_identity_opens_nothing_after_it_was_taken_away() -> None:
    """R-009, R-084: the link is gone with every other session, and this one stays; with an event in the commit."""
    study = await linked_twice()
    await study.sign_in("through globex", idp="idp-globex", subject="g-1")
    await study.sign_in("elsewhere")
    assert not await unlink(study)
    assert [("idp-acme", "a-1")] == list(study.state.links)
    assert ["here"] == list(study.state.sessions)
    assert [Action.ACCOUNT_UNLINKED] == study.actions
    assert ("user:u-ada", "user:u-ada", {"idp": "globex"}) == (
        study.state.events[0].actor, study.state.events[0].target, dict(study.state.events[0].about)
    )  # fmt: skip


async def test_session_ends_with_the_identity_that_it_came_through() -> None:
    """R-084: whoever takes away the identity that brought them here is out as well, and is told so."""
    study = await linked_twice()
    assert await unlink(study, "idp-acme")
    assert {} == study.state.sessions


async def test_last_way_in_stays() -> None:
    """R-009: with a password, or another identity that opens, it goes; if the other is switched off, it stays."""
    study = await study_of_ada()
    await study.refuses(unlink(study, "idp-acme"), because="only_way_to_sign_in")
    await study.add_provider(replace(GLOBEX, enabled=False))
    await study.link("idp-globex", "g-1")
    await study.refuses(unlink(study, "idp-acme"), because="only_way_to_sign_in")
    await study.commit(SaveIdentityProvider(replace(GLOBEX, version=2)))
    assert await unlink(study, "idp-acme")
    study = await study_of_ada(password=True)
    assert await unlink(study, "idp-acme")


async def test_stale_sign_in_takes_nothing_away() -> None:
    """R-009: five minutes are fresh, a second more is not, nor is a moment that is still to come."""
    study = await linked_twice()
    for id_hash, age in (("late", 5 * MINUTE + MINUTE / 60), ("ahead", -2 * MINUTE)):
        await study.sign_in(id_hash, authenticated_at=old(study, age))
        await study.refuses(unlink(study, session=id_hash), because="sign_in_not_recent")
    await study.sign_in("good", authenticated_at=old(study, 5 * MINUTE))
    assert not await unlink(study, session="good")


async def test_first_factor_alone_takes_nothing_away_where_there_is_a_second() -> None:
    """R-100, R-101: whoever has a second factor has proven one in the same sign-in."""
    study = await linked_twice(has_second_factor=True)
    await study.refuses(unlink(study), because="second_factor_not_recent")
    await study.sign_in("both", factor=FactorKind.TOTP)
    assert not await unlink(study, session="both")


async def test_identity_of_somebody_else_is_none() -> None:
    """R-111: the key of another person's link looks exactly like one that there is not."""
    study = await linked_twice()
    await study.add_user("linus")
    await study.link("idp-globex", "g-2", name="linus")
    await study.sign_in("linus", name="linus")
    (foreign,) = await study.own.identities.of(await study.me("linus"))
    for key in (foreign.key, "x", "", "u-linus"):
        await study.refuses(
            study.own.identities.unlink(await study.me(), key), because="account_link_not_found"
        )
    assert not await unlink(study)


@pytest.mark.parametrize(
    "meddler", ["lock", "end the session", "take the other away", "switch the other off"]
)
async def test_what_happens_meanwhile_is_seen(meddler: str) -> None:
    """R-021, P-7: a lock, an ended session, or the loss of the other way in between look and commit refuse it."""
    study = await linked_twice()
    me, key = await study.me(), await key_of(study)

    async def meddle() -> None:
        match meddler:
            case "lock":
                await study.lock()
            case "end the session":
                await study.commit(EndSession("here", study.clock.now()))
            case "take the other away":
                await study.commit(RemoveAccountLink(study.state.links["idp-acme", "a-1"]))
            case _:
                await study.commit(SaveIdentityProvider(replace(ACME, enabled=False, version=2)))

    study.work.meanwhile = meddle
    with pytest.raises(Conflict):
        await study.own.identities.unlink(me, key)
    assert ("idp-globex", "g-1") in study.state.links
    assert [] == study.actions
