"""Declarations: planned first, idempotent, and nothing removed unasked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.administration.office import ACME, ROOT, WIKI, Office

from jitney.administration.declared.declarations import (
    Declaration,
    DeclaredApplication,
    DeclaredIdentityProvider,
    describe,
)
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.errors import InvalidInput, NotAllowed
from jitney.model.changes import AddSession
from jitney.model.policy import ProvisioningPolicy
from jitney.model.session import LocalPerson, Session
from jitney.model.user_store import NamePattern, UserStoreDescription
from jitney.testing.memory import MemoryDoors

pytestmark = pytest.mark.anyio

GRACE = NewUser(
    "grace", attributes={"email": ("g@acme.example",)}, roles=("engineers",), password="correct-horse",
    links=(FederatedKey("acme", "g-1"),),
)  # fmt: skip
DECLARED = Declaration(
    roles=("engineers",),
    identity_providers=(
        DeclaredIdentityProvider(
            replace(ACME, policy=ProvisioningPolicy(enabled=True, default_roles=("engineers",)))
        ),
    ),
    applications=(DeclaredApplication(replace(WIKI, identity_providers=("acme",)), "x" * 22),),
    users=(GRACE, NewUser("edgar", locked="declared")),
)


async def apply(office: Office, declaration: Declaration, *, prune: bool = False) -> list[tuple]:
    plan = await office.declarations.plan(ROOT, declaration, prune=prune)
    await office.declarations.apply(ROOT, plan)
    return [describe(step) for step in plan.steps]


async def test_declared_things_come_to_be_and_stay() -> None:
    """Applied once, everything is there; applied again, there is nothing to do."""
    office = Office()
    signs = [(sign, kind, name) for sign, kind, name, _ in await apply(office, DECLARED)]
    assert [
        ("+", "role", "engineers"),
        ("+", "identity provider", "acme"),
        ("+", "application", "wiki"),
        ("+", "user", "grace"),
        ("+", "user", "edgar"),
    ] == signs
    after = office.doors.look()
    assert [] == await apply(office, DECLARED)
    assert after is office.doors.look()
    assert (await office.users.get(ROOT, "edgar")).lock is not None


async def test_plan_changes_nothing() -> None:
    """A plan alone writes nothing at all."""
    office = Office()
    before = office.doors.look()
    assert 5 == len((await office.declarations.plan(ROOT, DECLARED)).steps)
    assert before is office.doors.look()


async def test_only_what_differs_is_changed() -> None:
    """The plan names the fields that differ, and leaves all else alone."""
    office = Office()
    await apply(office, DECLARED)
    changed = replace(
        DECLARED,
        applications=(
            DeclaredApplication(replace(WIKI, name="Our wiki", identity_providers=("acme",)), "y" * 22),
        ),
        users=(replace(GRACE, attributes={"email": ("grace@acme.example",)}, password="battery-staple"),),
    )
    assert [
        ("~", "application", "wiki", ("name", "secret_hash")),
        ("~", "user", "grace", ("attributes.email", "password")),
    ] == await apply(office, changed)
    assert [] == await apply(office, changed)


async def test_provider_switched_off_stays_off_unless_declared() -> None:
    """An operator's hand is not undone by a routine apply that does not speak of it."""
    office = Office()
    await apply(office, DECLARED)
    await office.identity_providers.set_enabled(ROOT, "acme", enabled=False)
    assert [] == await apply(office, DECLARED)
    stated = replace(DECLARED.identity_providers[0], states_enabled=True)
    assert [("~", "identity provider", "acme", ("enabled",))] == await apply(
        office, replace(DECLARED, identity_providers=(stated,))
    )


async def test_undeclared_things_go_only_when_pruning() -> None:
    """Without --prune nothing is removed; with it providers, applications and roles go, and users never."""
    office = Office()
    await apply(office, replace(DECLARED, users=()))
    await office.users.add(ROOT, NewUser("ada"))
    assert [] == await apply(office, Declaration())
    assert [
        ("-", "application", "wiki", ()),
        ("-", "identity provider", "acme", ()),
        ("-", "role", "engineers", ()),
    ] == await apply(office, Declaration(), prune=True)
    assert "ada" == (await office.users.get(ROOT, "ada")).username.name


async def test_every_fault_is_named_before_the_first_step() -> None:
    """A declaration with faults in several places is refused whole, with every path, and nothing is done."""
    office = Office()
    before = office.doors.look()
    bad = Declaration(
        roles=("!",),
        identity_providers=(DeclaredIdentityProvider(replace(ACME, name="Bad Name")),),
        applications=(DeclaredApplication(replace(WIKI, redirect_uris=("https://*",)), "short"),),
        users=(
            NewUser("x", roles=("ghosts",), links=(FederatedKey("nope", "1"),)),
            NewUser("x", domain="NOPE"),
        ),
    )
    with pytest.raises(InvalidInput) as refused:
        await office.declarations.plan(ROOT, bad)
    assert "declaration_invalid" == refused.value.code
    assert {
        "role !",
        "identity_provider Bad Name: name",
        "application wiki: redirect_uris",
        "application wiki: client_secret",
        "user x: name",
        "user x: roles",
        "user x: link",
        "user x: domain",
    } == set(refused.value.fields)
    assert before is office.doors.look()


async def test_what_is_too_large_is_named_before_the_first_step() -> None:
    """Issue 7: who has too much, anew or by a change, and a role without end are named; as much as fits is done."""
    office = Office(MemoryDoors(UserStoreDescription("PRIMARY", role=NamePattern("r+", "Only r."))))
    await apply(office, Declaration(users=(NewUser("grace"),)))
    before, most = office.doors.look(), {"phone_number": tuple(map(str, range(100)))}
    for user in (NewUser("grace", attributes=most), NewUser("ada", attributes=most)):
        much = replace(user, attributes={"phone_number": (*most["phone_number"], "100")})
        with pytest.raises(InvalidInput) as refused:
            await office.declarations.plan(ROOT, Declaration(roles=("r" * 101,), users=(much,)))
        told = {f"role {'r' * 101}", f"user {user.name}: attribute"}
        assert ("declaration_invalid", told) == (refused.value.code, set(refused.value.fields))
        assert before is office.doors.look()
    await apply(office, Declaration(roles=("r" * 100,), users=(NewUser("ada", attributes=most),)))
    assert 100 == len((await office.users.get(ROOT, "ada")).values("phone_number"))


async def test_declared_link_of_a_user_who_exists_ends_their_sessions() -> None:
    """R-011: a link that a declaration adds to an account is made as by hand, with all that follows from it."""
    office = Office()
    await apply(office, replace(DECLARED, users=(replace(GRACE, links=()),)))
    grace = await office.users.get(ROOT, "grace")
    now = office.clock.now()
    session = Session(
        "hash", "sid", LocalPerson(grace.id, "PRIMARY"), now, now, now, now + timedelta(hours=1)
    )
    await office.doors.unit_of_work.commit(AddSession(session))
    assert [("~", "user", "grace", ("links",))] == await apply(office, replace(DECLARED, users=(GRACE,)))
    assert ["g-1"] == [link.subject for link in await office.doors.account_links.of_user(grace.id)]
    assert await office.doors.sessions.find("hash") is None


async def test_declared_link_of_an_operator_must_name_the_role() -> None:
    """R-006: a declaration links a user who administers only where it says itself that they do."""
    office = Office()
    await apply(office, replace(DECLARED, users=()))
    await office.users.add(ROOT, NewUser("root", roles=("operator",)))
    linked = NewUser("root", links=(FederatedKey("acme", "r-1"),))
    with pytest.raises(NotAllowed) as refused:
        await apply(office, replace(DECLARED, users=(linked,)))
    assert "user_is_privileged" == refused.value.code
    await apply(office, replace(DECLARED, users=(replace(linked, roles=("operator",)),)))
    root = await office.users.get(ROOT, "root")
    assert 1 == len(await office.doors.account_links.of_user(root.id))


async def test_declared_flag_stands_beside_another_declared_address() -> None:
    """R-013: an address that is declared anew together with its flag is verified, and one apply is enough."""
    office = Office()
    people = [
        NewUser("ada", attributes={"email": (email,), "email_verified": ("true",)})
        for email in ("a@b.example", "c@d.example")
    ]
    for ada in people:
        await apply(office, Declaration(users=(ada,)))
        assert [] == await apply(office, Declaration(users=(ada,)))
    assert ("true",) == (await office.users.get(ROOT, "ada")).values("email_verified")
