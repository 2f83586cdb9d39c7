"""Identity providers: added, changed, switched and removed, each with its audit event."""

from dataclasses import replace

import pytest
from tests.journeys.administration.office import ACME, ROOT, WIKI, Office

from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.errors import Conflict, InvalidInput, NotAllowed
from jitney.model.audit_event import Action
from jitney.model.claims import ClaimMapping, MappingTable, RoleMapping
from jitney.model.policy import AccountLookup, FixedPlacement, LinkRule, OnNameTaken, ProvisioningPolicy
from jitney.model.user_store import UserStoreDescription
from jitney.testing.memory import MemoryDoors

pytestmark = pytest.mark.anyio


async def test_added_provider_gets_an_id_of_ours_and_an_event() -> None:
    """R-004: the internal id is generated, whatever was asked for; R-121: the event is kept with the change."""
    office = Office()
    saved = (await office.identity_providers.add(ROOT, replace(ACME, id="chosen"))).idp
    assert "chosen" != saved.id
    assert saved == await office.doors.identity_providers.find_by_name("acme")
    (event,) = await office.events(f"idp:{saved.id}")
    assert (Action.IDENTITY_PROVIDER_ADDED, "operator:u-root") == (event.action, event.actor)


async def test_second_provider_of_a_name_is_refused() -> None:
    """Two providers cannot share the name that stands in their callback's address."""
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    before = office.doors.look()
    with pytest.raises(Conflict) as refused:
        await office.identity_providers.add(ROOT, ACME)
    assert "identity_provider_name_taken" == refused.value.code
    assert before is office.doors.look()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Acme Inc"}, "name"),
        ({"display_name": "\x07"}, "display_name"),
        ({"connection": replace(ACME.connection, issuer="http://login.acme.example")}, "connection.issuer"),
        ({"connection": replace(ACME.connection, issuer="https://a@b.example")}, "connection.issuer"),
        ({"connection": replace(ACME.connection, algorithms=("none",))}, "connection.algorithms"),
        ({"connection": replace(ACME.connection, algorithms=("HS256",))}, "connection.algorithms"),
        ({"connection": replace(ACME.connection, clock_skew=61)}, "connection.clock_skew"),
        ({"connection": replace(ACME.connection, client_secret=None)}, "connection.client_secret"),
        (
            {"connection": replace(ACME.connection, extra_parameters={"state": "x"})},
            "connection.extra_parameters",
        ),
        ({"policy": ProvisioningPolicy(placement=FixedPlacement("NOPE"))}, "policy.placement"),
        ({"policy": ProvisioningPolicy(placement=FixedPlacement("OLD"))}, "policy.placement"),
        ({"policy": ProvisioningPolicy(default_roles=("ghosts",))}, "policy.default_roles"),
        ({"policy": ProvisioningPolicy(on_name_taken=OnNameTaken.ASK)}, "policy.on_name_taken"),
        ({"policy": ProvisioningPolicy(username_template="{given_name")}, "policy.username_template"),
        (
            {"policy": ProvisioningPolicy(linking=LinkRule(True, (AccountLookup("email", "email"),) * 3))},
            "policy.linking.lookups",
        ),
        ({"mappings": MappingTable(claims=(ClaimMapping("x", "sub"),))}, "mappings.claims"),
        ({"mappings": MappingTable(role_claim="g", roles=(RoleMapping("a", "ghosts"),))}, "mappings.roles"),
    ],
)
async def test_policy_and_connection_are_checked_when_saved(changes: dict, field: str) -> None:
    """jit.md 2: what could not work, or would be dangerous, is refused when it is saved, by field."""
    office = Office(MemoryDoors(UserStoreDescription("PRIMARY"), UserStoreDescription("OLD", read_only=True)))
    await office.identity_providers.add(ROOT, replace(ACME, name="sound"))
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.add(ROOT, replace(ACME, **changes))
    assert ("identity_provider_invalid", {field}) == (refused.value.code, set(refused.value.fields))
    assert before is office.doors.look()


@pytest.mark.parametrize("role", ["operator", "Operator", "operator.helpdesk", "Operator.Auditor"])
async def test_no_provider_may_give_the_operators_role(role: str) -> None:
    """R-038: administration is no target of a role mapping or a default role, in any case of its letters."""
    office = Office()
    await office.roles.add(ROOT, "engineers")
    rows = MappingTable(role_claim="g", roles=(RoleMapping("eng", "engineers"),))
    await office.identity_providers.add(ROOT, replace(ACME, name="sound", mappings=rows))
    for bad in (
        replace(ACME, mappings=MappingTable(role_claim="g", roles=(RoleMapping("a", role),))),
        replace(ACME, policy=ProvisioningPolicy(default_roles=(role,))),
    ):
        with pytest.raises(InvalidInput) as refused:
            await office.identity_providers.add(ROOT, bad)
        assert "identity_provider_invalid" == refused.value.code


async def test_http_issuer_is_for_development_alone() -> None:
    """An issuer without TLS is taken where the installation says that it is for development."""
    local = replace(ACME, connection=replace(ACME.connection, issuer="http://127.0.0.1:9000"))
    await Office(http_allowed=True).identity_providers.add(ROOT, local)
    with pytest.raises(InvalidInput):
        await Office().identity_providers.add(ROOT, local)


async def test_change_keeps_a_secret_that_was_left_out() -> None:
    """R-115: a secret is write-only: leaving it out keeps it, and the event names fields without values."""
    office = Office()
    idp = (await office.identity_providers.add(ROOT, ACME)).idp
    masked = replace(idp, display_name="ACME", connection=replace(idp.connection, client_secret=None))
    saved = (await office.identity_providers.change(ROOT, masked, version=1)).idp
    assert ("s3cret", 2) == (saved.connection.client_secret, saved.version)
    event = (await office.events(f"idp:{idp.id}"))[0]
    assert "display_name" == event.about["fields"]
    assert [idp.id] == office.upstreams.forgotten


async def test_changed_issuer_clears_the_stored_secret() -> None:
    """R-004: a new issuer never gets the old secret; with a new one it is saved, and audited as high risk."""
    office = Office()
    idp = (await office.identity_providers.add(ROOT, ACME)).idp
    await office.users.add(ROOT, NewUser("grace", links=(FederatedKey("acme", "g-1"),)))
    moved = replace(idp.connection, issuer="https://evil.example", client_secret=None)
    with pytest.raises(InvalidInput) as refused:
        await office.identity_providers.change(ROOT, replace(idp, connection=moved), version=1)
    assert {"connection.client_secret"} == set(refused.value.fields)
    assert idp == await office.doors.identity_providers.find_by_name("acme")
    anew = replace(idp, connection=replace(moved, client_secret="new"))
    saved = (await office.identity_providers.change(ROOT, anew, version=1)).idp
    assert "new" == saved.connection.client_secret
    event = (await office.events(f"idp:{idp.id}"))[0]
    assert ("high", "1") == (event.about["risk"], event.about["links"])
    assert "evil" not in str(event.about.get("fields"))


async def test_change_on_an_old_version_is_a_conflict() -> None:
    """P-10: of two operators who change the same version, the second is told, and nothing is lost."""
    office = Office()
    idp = (await office.identity_providers.add(ROOT, ACME)).idp
    await office.identity_providers.change(ROOT, replace(idp, display_name="one"), version=1)
    with pytest.raises(Conflict) as refused:
        await office.identity_providers.change(ROOT, replace(idp, display_name="two"), version=1)
    assert "identity_provider_changed" == refused.value.code
    assert "one" == (await office.identity_providers.get(ROOT, "acme")).display_name


async def test_disabled_provider_can_be_enabled_again() -> None:
    """Switching off and on are recorded; switching to where it is changes nothing."""
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    assert not (await office.identity_providers.set_enabled(ROOT, "acme", enabled=False)).enabled
    assert 2 == (await office.identity_providers.set_enabled(ROOT, "acme", enabled=False)).version
    assert 3 == (await office.identity_providers.set_enabled(ROOT, "acme", enabled=True)).version


async def test_provider_with_links_is_not_removed() -> None:
    """A provider through which somebody signs in stays; without links it goes, and its name is free."""
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    user = await office.users.add(ROOT, NewUser("grace", links=(FederatedKey("acme", "g-1"),)))
    with pytest.raises(NotAllowed) as refused:
        await office.provider_removing.remove_unused(ROOT, "acme")
    assert "identity_provider_has_people" == refused.value.code
    await office.users.remove(ROOT, user.id)
    await office.provider_removing.remove_unused(ROOT, "acme")
    assert [] == list(await office.identity_providers.list(ROOT))


async def test_provider_that_an_application_names_is_not_removed() -> None:
    """jit.md 10: the provider cannot be deleted while an application uses it."""
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    await office.applications.register(ROOT, replace(WIKI, identity_providers=("acme",)))
    with pytest.raises(NotAllowed) as refused:
        await office.provider_removing.remove_unused(ROOT, "acme")
    assert "identity_provider_in_use" == refused.value.code
