"""The one-time set-up link."""

from datetime import timedelta

import pytest
from tests.journeys.administration.office import ROOT, Office

from jitney.administration.people.user_drafts import NewUser
from jitney.administration.people.users import UserEdit
from jitney.errors import Conflict, Expired, UserStoreRejected

pytestmark = pytest.mark.anyio

GOOD = "correct-horse"


async def test_first_start_offers_a_link_that_makes_an_operator_once() -> None:
    """R-118: there is no default password; the link makes one operator and is spent in the same commit."""
    office = Office()
    offer = await office.setup.offer()
    assert offer is not None
    user = await office.setup.complete(offer.token, "root", GOOD)
    assert user.has_role("operator")
    before = office.doors.look()
    with pytest.raises(Expired) as refused:
        await office.setup.complete(offer.token, "eve", GOOD)
    assert "setup_link_spent" == refused.value.code
    assert before is office.doors.look()
    assert await office.setup.offer() is None


async def test_token_is_kept_as_a_hash_alone() -> None:
    """R-126: what the database holds of the link opens nothing, and no event tells it."""
    office = Office()
    offer = await office.setup.offer()
    assert offer is not None
    assert offer.token not in repr(office.doors.look())
    assert offer.token not in repr(offer)
    await office.setup.check(offer.token)


async def test_every_link_is_recorded() -> None:
    """R-121: a link that makes an operator leaves a trace of its own, before anybody uses it."""
    office = Office()
    await office.setup.offer()
    assert ["setup_link.added"] == [event.action for event in office.doors.look().events]
    await office.setup.offer_anew()
    (event,) = office.doors.look().events[1:]
    assert ("setup_link.added", "operator:command_line") == (event.action, event.actor)


async def test_newer_link_ends_the_older_one() -> None:
    """Of two links only the newer one holds, so that a link in an old log is worth nothing."""
    office = Office()
    old, new = await office.setup.offer(), await office.setup.offer()
    assert old is not None
    assert new is not None
    with pytest.raises(Expired):
        await office.setup.check(old.token)
    await office.setup.check(new.token)


async def test_link_ends_after_a_day() -> None:
    """A link that was left lying about ends by itself."""
    office = Office()
    offer = await office.setup.offer()
    assert offer is not None
    office.clock.advance(timedelta(hours=23))
    await office.setup.check(offer.token)
    office.clock.advance(timedelta(hours=1))
    with pytest.raises(Expired):
        await office.setup.complete(offer.token, "root", GOOD)


@pytest.mark.parametrize(("name", "password"), [("a", GOOD), ("root", "short"), ("root", " " * 20)])
async def test_link_survives_a_name_or_password_that_breaks_a_rule(name: str, password: str) -> None:
    """A refused attempt spends nothing: the person corrects it and goes on."""
    office = Office()
    offer = await office.setup.offer()
    assert offer is not None
    with pytest.raises(UserStoreRejected):
        await office.setup.complete(offer.token, name, password)
    await office.setup.complete(offer.token, "root", GOOD)


async def test_taken_name_spends_no_link() -> None:
    """The name of somebody who exists is refused, changes nothing on them, and leaves the link whole (R-010)."""
    office = Office()
    ada = await office.users.add(ROOT, NewUser("ada"))
    offer = await office.setup.offer()
    assert offer is not None
    with pytest.raises(Conflict) as refused:
        await office.setup.complete(offer.token, "Ada", GOOD)
    assert "user_name_taken" == refused.value.code
    assert ada == await office.users.get(ROOT, "ada")
    await office.setup.complete(offer.token, "root", GOOD)


async def test_link_ends_when_an_operator_is_made_otherwise() -> None:
    """R-118: a link in the log of the first start opens nothing once somebody administers; other roles end none."""
    office = Office()
    offer = await office.setup.offer()
    assert offer is not None
    await office.users.add(ROOT, NewUser("grace", roles=("operator.helpdesk",)))
    await office.setup.check(offer.token)
    await office.users.add(ROOT, NewUser("ada", roles=("operator",)))
    with pytest.raises(Expired) as refused:
        await office.setup.complete(offer.token, "eve", GOOD)
    assert "setup_link_spent" == refused.value.code
    assert ["ada", "grace"] == sorted(user.username.name for user in office.doors.look().users.values())
    later = await office.setup.offer_anew()
    await office.users.change(ROOT, "grace", UserEdit(roles_added=("operator",)))
    with pytest.raises(Expired):
        await office.setup.check(later.token)


async def test_no_link_is_offered_once_an_operator_was_made_otherwise() -> None:
    """An operator made by the command line ends the offers; whoever has the machine can still ask for one."""
    office = Office()
    await office.users.add(ROOT, NewUser("ada", roles=("operator",)))
    assert await office.setup.offer() is None
    again = await office.setup.offer_anew()
    await office.setup.complete(again.token, "root", GOOD)
