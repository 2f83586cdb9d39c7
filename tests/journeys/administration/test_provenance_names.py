"""Who gave a value, in words that an operator knows."""

from dataclasses import replace

import pytest
from tests.journeys.administration.office import ACME, ROOT, Office

from jitney.administration.operator import COMMAND_LINE, Operator
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.administration.people.users import UserEdit
from jitney.model.changes import AddUser, ChangeUser
from jitney.model.user import BY_THE_PERSON, AttributeValue, GivenBy, Grant, Provenance, UserChanges

pytestmark = pytest.mark.anyio


async def test_every_giver_is_called_by_name() -> None:
    """jit.md 7: a provider, an operator, the command line and the person are told apart by name."""
    office = Office()
    acme = (await office.identity_providers.add(ROOT, ACME)).idp
    boss = await office.users.add(ROOT, NewUser("boss"))
    await office.users.add(COMMAND_LINE, NewUser("ada", attributes={"email": ("a@b.example",)}))
    await office.users.change(Operator(boss.id, "boss"), "ada", UserEdit({"nickname": ("ada",)}))
    ada = await office.users.get(ROOT, "ada")
    synced = Provenance(GivenBy.IDENTITY_PROVIDER, acme.id)
    given = {"given_name": (AttributeValue("Ada", synced),), "locale": (AttributeValue("en", BY_THE_PERSON),)}
    changes = UserChanges(given, roles_added=(Grant("engineers", synced),))
    await office.doors.unit_of_work.commit(ChangeUser(ada.id, ada.version, changes))
    await office.account_links.link(ROOT, "ada", FederatedKey("acme", "a-1"))
    told = await office.users.describe(ROOT, "ada")
    assert {
        "email": "operator the command line",
        "given_name": "identity provider acme",
        "locale": "the person",
        "nickname": "operator boss",
    } == {name: told.giver(values[0].provenance) for name, values in told.user.attributes.items()}
    assert ["identity provider acme"] == [told.giver(grant.provenance) for grant in told.user.roles]
    assert ["acme"] == [told.givers[link.idp] for link in told.links]


async def test_giver_who_is_gone_keeps_the_id() -> None:
    """A value says who gave it even when its giver is gone: the bare id is better than nothing."""
    office = Office()
    user = await office.users.add(ROOT, NewUser("ada", attributes={"email": ("a@b.example",)}))
    orphan = replace(user, id="u-2", username=replace(user.username, key="eve"), origin="idp-gone")
    await office.doors.unit_of_work.commit(AddUser(orphan))
    told = await office.users.describe(ROOT, "u-2")
    assert "operator u-root" == told.giver(told.user.attributes["email"][0].provenance)
    assert {} == dict(told.givers)
