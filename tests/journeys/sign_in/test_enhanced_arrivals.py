"""The enhanced feature on the way in: a name of the server's own, and locks that outlive accounts."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.journeys.sign_in.prompting_house import of_beta, through_beta, with_beta
from tests.journeys.sign_in.sign_in_house import (
    JOURNAL,
    PASSWORD,
    SHOP,
    House,
    ada,
    kept_apart,
    open_house,
    user_id_of,
)

from jitney.model.changes import RemoveIdentityLock, RemoveUser, SaveIdentityLock
from jitney.model.claims import MappingTable
from jitney.model.enhanced import EnhancedFeature
from jitney.model.identity_lock import IdentityLock, LockedBy
from jitney.model.policy import AsInUsername, FixedPlacement
from jitney.model.user import Lock
from jitney.provisioning.federated_user_id import federated_user_id
from jitney.signin.journey import Arrived, Refused

pytestmark = pytest.mark.anyio

BY_ID = EnhancedFeature(federated_unique_user_id=True)
WITHOUT_CLAIM = MappingTable()


async def arrive(house: House, code: str = "ada") -> Arrived | Refused:
    step = await house.come_back(await house.leave(), code=code)
    assert isinstance(step, Arrived | Refused), step
    return step


async def lock(
    house: House, value: str = "ada-1", by: LockedBy = LockedBy.SUBJECT, **lock: object
) -> IdentityLock:
    one = IdentityLock("idp-acme", by, value, Lock("stolen", house.clock.now(), **lock))  # pyright: ignore[reportArgumentType]
    await house.commit(SaveIdentityLock(one))
    return one


# ── the federated unique user id ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("placement", [FixedPlacement(), FixedPlacement("ENG"), AsInUsername()])
async def test_servers_own_id_becomes_the_user_name(placement) -> None:
    """jit.md 10 (1), R-032: a UUID, in the store of the policy; the next sign-in is the same user's."""
    house = await open_house()
    await house.change_provider(enhanced=BY_ID, mappings=WITHOUT_CLAIM)
    await house.change_policy(placement=placement)
    house.upstream.script["ada"] = ada("ENG/alice")
    first, second = await arrive(house), await arrive(house)
    assert isinstance(first, Arrived)
    assert isinstance(second, Arrived)
    assert user_id_of(first.session) == user_id_of(second.session)
    domain = placement.domain if isinstance(placement, FixedPlacement) else "PRIMARY"
    store = await house.doors.user_stores.find(domain)
    assert store is not None
    [user] = await store.page()
    assert federated_user_id("idp-acme", "ENG/alice") == user.username.name
    assert str(UUID(user.username.name)) == user.username.name


async def test_name_is_the_same_for_whoever_comes_again_after_being_deleted() -> None:
    """jit.md 10 (1), R-015: the name stands for the person at their provider; the account behind it is new."""
    house = await open_house()
    await house.change_provider(enhanced=BY_ID, mappings=WITHOUT_CLAIM)
    first = await arrive(house)
    assert isinstance(first, Arrived)
    user = await house.user(federated_user_id("idp-acme", "ada-1"))
    await house.commit(RemoveUser(user.id, user.version))
    second = await arrive(house)
    assert isinstance(second, Arrived)
    assert user_id_of(first.session) != user_id_of(second.session)
    assert user.username == (await house.user(user.username.key)).username


@pytest.mark.parametrize(
    ("parts", "mappings", "named"),
    [
        (EnhancedFeature(), WITHOUT_CLAIM, "ada-1"),
        (EnhancedFeature(federated_unique_user_id=False), WITHOUT_CLAIM, "ada-1"),
        (BY_ID, MappingTable(user_id_claim="preferred_username"), "ada"),
        (BY_ID, WITHOUT_CLAIM, federated_user_id("idp-acme", "ada-1")),
    ],
)
async def test_name_is_the_servers_own_only_where_the_part_is_on_and_no_claim_names_the_person(
    parts, mappings, named
) -> None:
    """jit.md 4, 10: the user-id claim goes first; off by default."""
    house = await open_house()
    await house.change_provider(enhanced=parts, mappings=mappings)
    assert isinstance(await arrive(house), Arrived)
    assert [named] == [user.username.name for user in await house.users()]


# ── locks on identities ─────────────────────────────────────────────────────────────────────────────


async def test_locked_identity_gets_no_account_and_an_open_one_does() -> None:
    """R-035: before provisioning: nobody is made; unlocked, the same person is."""
    house = await open_house()
    locked = await lock(house)
    before = await house.snapshot()
    refused = await arrive(house)
    assert isinstance(refused, Refused)
    assert "identity_locked" == refused.outcome.code
    assert {"reason": "stolen"} == refused.outcome.reasons[-1].about
    assert kept_apart(before, *JOURNAL, "sign_ins") == kept_apart(
        await house.snapshot(), *JOURNAL, "sign_ins"
    )
    assert "stolen" not in refused.sentence
    await house.commit(RemoveIdentityLock(locked.idp, locked.locked_by, locked.value))
    assert isinstance(await arrive(house), Arrived)


async def test_lock_outlives_the_account() -> None:
    """R-035: "including when the user is re-created": the account is deleted, and nobody gets a new one."""
    house = await open_house()
    assert isinstance(await arrive(house), Arrived)
    await lock(house)
    user = await house.user()
    await house.commit(RemoveUser(user.id, user.version))
    assert isinstance(await arrive(house), Refused)
    assert [] == await house.users()


@pytest.mark.parametrize(
    ("by", "value", "claims"),
    [
        (LockedBy.SUBJECT, "ada-1", {}),
        (LockedBy.EMAIL, "ada@acme.example", {"email": "ada@acme.example"}),
        (LockedBy.EMAIL, "ada@acme.example", {"email": " ADA@Acme.example", "email_verified": False}),
    ],
)
async def test_lock_holds_whom_it_names_and_nobody_else(by, value, claims) -> None:
    """R-001, R-035: a subject byte for byte, an address in any case; another person of the provider comes in."""
    house = await open_house()
    await lock(house, value, by)
    house.upstream.script["ada"] = ada(**claims)
    house.upstream.script["bob"] = ada("ADA-1", preferred_username="bob", email="bob@acme.example")
    assert isinstance(await arrive(house), Refused)
    assert isinstance(await arrive(house, "bob"), Arrived)
    assert ["bob"] == [user.username.name for user in await house.users()]


async def test_lock_is_of_one_provider() -> None:
    """R-001, R-035: the same subject elsewhere is somebody else."""
    house = await open_house()
    await with_beta(house)
    await lock(house)
    house.upstream.script["beta"] = of_beta("ada-1", preferred_username="other")
    assert isinstance(await arrive(house), Refused)
    assert isinstance(await through_beta(house), Arrived)


async def test_lock_ends_at_its_moment() -> None:
    """R-048: it holds as long as it lasts, in a live session too, and not a second longer."""
    house = await open_house()
    arrived = await arrive(house)
    assert isinstance(arrived, Arrived)
    await lock(house, until=house.clock.now() + timedelta(minutes=5))
    house.clock.advance(timedelta(minutes=5) - timedelta(seconds=1))
    assert isinstance(await arrive(house), Refused)
    assert None is await house.sessions.find_live(arrived.token)
    house.clock.advance(timedelta(seconds=1))
    assert isinstance(await arrive(house), Arrived)
    assert await house.sessions.find_live(arrived.token) is not None


async def test_where_nobody_is_locked_no_lock_is_looked_for(house: House) -> None:
    """R-035: the price of the question is one that is remembered, for providers whose people are all open."""
    asked: list[str] = []

    class Asked:
        any_of = staticmethod(house.doors.identity_locks.any_of)

        async def of_identity(self, idp: str, **_named: object) -> list[IdentityLock]:
            asked.append(idp)
            return []

    locked = replace(house.facts.locked, locks=Asked())  # pyright: ignore[reportArgumentType]
    identity = ada()
    facts = replace(house.facts, locked=locked)
    await facts.find(identity, application=SHOP)
    assert [] == asked
    await lock(house, "somebody-else")
    await facts.find(identity, application=SHOP)
    assert ["idp-acme"] == asked


async def test_session_of_a_password_is_not_of_an_identity(house: House) -> None:
    """R-035: whoever came by name and password is locked by the account, and by no identity of somebody's."""
    await house.add_local()
    await lock(house, "grace")
    arrived = await house.local.sign_in(await house.choose(), "grace", PASSWORD, browser="b" * 43)
    assert isinstance(arrived, Arrived)
    assert await house.sessions.find_live(arrived.token) is not None
