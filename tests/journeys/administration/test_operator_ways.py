"""Closing a provider or a user store does not shut out all who operate, nor whoever closes it."""

from dataclasses import replace

import pytest
from tests.journeys.administration.office import ACME, ROOT, Office, by_subject

from jitney.administration.operator import COMMAND_LINE, Operator, operator_of
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.administration.people.users import UserEdit
from jitney.errors import Conflict, NotAllowed
from jitney.model.home_realm import HomeRealm
from jitney.model.user import AUDITOR_ROLE, HELP_DESK_ROLE, OPERATOR_ROLE
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import OwnDatabase, UserStoreRecord

pytestmark = pytest.mark.anyio

BETA = replace(ACME, name="beta", display_name="Beta")
HIDDEN = HomeRealm(is_shown=False)


async def _office() -> Office:
    """An office with two providers, and a store that is our own database."""
    office = Office()
    for idp in (ACME, BETA):
        await office.identity_providers.add(ROOT, idp)
    await office.user_stores.add(ROOT, UserStoreRecord("", UserStoreDescription("OWN"), OwnDatabase()))
    return office


async def _linked(
    office: Office, name: str, *idps: str, role: str = OPERATOR_ROLE, password: bool = False
) -> Operator:
    """Somebody who operates, and comes in by these providers, by a password too if they have one."""
    links = tuple(FederatedKey(idp, f"s-{name}") for idp in idps)
    secret = "correct-horse" if password else None
    user = await office.users.add(ROOT, NewUser(name, roles=(role,), links=links, password=secret))
    found = operator_of(user)
    assert found is not None
    return found


async def _refused(office: Office, operator: Operator, idp: str = "acme") -> str:
    """The reason why a provider may not be switched off; nothing else changed."""
    before = office.doors.look()
    with pytest.raises(NotAllowed) as refused:
        await office.identity_providers.set_enabled(operator, idp, enabled=False)
    assert before is office.doors.look()
    return refused.value.code


async def test_nobody_switches_off_their_own_last_way_in() -> None:
    """Issue 7: an administrator does not close the provider that they come by; one with another way may."""
    office = await _office()
    one, two = await _linked(office, "one", "acme"), await _linked(office, "two", "acme", "beta")
    assert "operator_may_not_lock_out_themselves" == await _refused(office, one)
    assert ("one",) == (await office.identity_providers.shut_out_by(two, "acme")).names
    assert not (await office.identity_providers.set_enabled(two, "acme", enabled=False)).enabled


async def test_last_way_of_all_who_administer_stays_open() -> None:
    """Issue 7: who is left may not only look on; with an administrator who has a password the way is closed."""
    office = await _office()
    await _linked(office, "one", "acme")
    for name, role in (("desk", HELP_DESK_ROLE), ("audit", AUDITOR_ROLE)):
        await _linked(office, name, "beta", role=role)
    assert "operators_all_shut_out" == await _refused(office, COMMAND_LINE)
    two = await _linked(office, "two", "acme", password=True)
    await office.account_states.lock(ROOT, "two", reason="lost laptop")
    assert "operators_all_shut_out" == await _refused(office, COMMAND_LINE)
    await office.account_states.unlock(ROOT, "two")
    closed = await office.identity_providers.shut_out_by(two, "acme")
    assert "one" in closed.told[0]
    await office.identity_providers.set_enabled(COMMAND_LINE, "acme", enabled=False)


async def test_last_way_of_all_who_administer_is_not_removed_with_its_provider() -> None:
    """Issue 7: the plan names who would be shut out; nobody removes their own last way in, or that of all."""
    office = await _office()
    one, two = await _linked(office, "one", "acme"), await _linked(office, "two", "beta")
    plan = await office.provider_removing.plan(ROOT, "acme")
    assert ("one",) == plan.shut_out
    await office.account_states.lock(ROOT, "two", reason="lost laptop")
    before = office.doors.look()
    for operator, code in (
        (one, "operator_may_not_lock_out_themselves"),
        (COMMAND_LINE, "operators_all_shut_out"),
    ):
        with pytest.raises(NotAllowed) as refused:
            await office.provider_removing.begin(operator, plan)
        assert code == refused.value.code
    assert before is office.doors.look()
    await office.account_states.unlock(ROOT, "two")
    assert "acme" == (await office.provider_removing.begin(two, plan)).name
    assert ["beta"] == [idp.name for idp in await office.identity_providers.list(ROOT)]


async def test_provider_by_which_no_operator_comes_is_closed_as_ever() -> None:
    """Issue 7: where nobody who operates is shut out, nothing is asked; before the first operator neither."""
    office = await _office()
    await office.identity_providers.set_enabled(COMMAND_LINE, "acme", enabled=False)
    await office.identity_providers.set_enabled(COMMAND_LINE, "acme", enabled=True)
    one = await _linked(office, "one", "acme")
    assert () == (await office.identity_providers.shut_out_by(one, "beta")).names
    assert "operator_may_not_lock_out_themselves" == await _refused(office, one)
    await office.identity_providers.set_enabled(one, "beta", enabled=False)


@pytest.mark.parametrize("change", [{"enabled": False}, {"home_realm": HIDDEN}], ids=["off", "hidden"])
async def test_edit_that_closes_a_provider_is_judged_as_switching_off(change: dict[str, object]) -> None:
    """Issue 7: by an edit too the last way of all stays open; hidden, but found by an address, it is one."""
    office = await _office()
    await _linked(office, "one", "acme")
    present, before = await office.identity_providers.get(ROOT, "acme"), office.doors.look()
    wanted = replace(present, **change)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed) as refused:
        await office.identity_providers.change(ROOT, wanted, version=present.version)
    assert ("operators_all_shut_out", True) == (refused.value.code, before is office.doors.look())
    found = replace(present, home_realm=HomeRealm(("acme.example",), is_shown=False))
    present = (await office.identity_providers.change(ROOT, found, version=present.version)).idp
    await _linked(office, "two", "beta")
    saved = await office.identity_providers.change(
        ROOT, replace(present, enabled=False), version=present.version
    )
    assert any(text.endswith(": one.") for text in saved.warnings)


async def test_ways_of_two_administrators_are_not_closed_at_one_moment() -> None:
    """R-021: two who close each other's provider at once: the second finds that their own way is gone."""
    office = await _office()
    one, two = await _linked(office, "one", "acme"), await _linked(office, "two", "beta")
    closed = await office.identity_providers.shut_out_by(one, "beta")
    assert ("two",) == closed.names
    await office.identity_providers.set_enabled(two, "acme", enabled=False)
    with pytest.raises(Conflict) as lost:
        await office.doors.unit_of_work.commit(*closed.held)
    assert "identity_provider" == lost.value.what
    assert "operators_all_shut_out" == await _refused(office, COMMAND_LINE, "beta")
    await office.identity_providers.set_enabled(two, "acme", enabled=True)
    again = await office.identity_providers.shut_out_by(one, "beta")
    await office.doors.unit_of_work.commit(*again.held)


async def test_store_of_all_who_administer_is_not_switched_off() -> None:
    """Issue 7: the store of all administrators stays on, by an edit too; with one elsewhere it goes off."""
    office = await _office()
    await office.users.add(ROOT, NewUser("boss", "OWN", roles=(OPERATOR_ROLE,), password="correct-horse"))
    present, before = await office.user_stores.get(ROOT, "OWN"), office.doors.look()
    off = replace(present, description=replace(present.description, enabled=False))
    for verb in (
        office.user_stores.disable(COMMAND_LINE, "OWN"),
        office.user_stores.edit(COMMAND_LINE, off, version=present.version),
    ):
        with pytest.raises(NotAllowed) as refused:
            await verb
        assert ("operators_all_shut_out", True) == (refused.value.code, before is office.doors.look())
    await _linked(office, "two", "beta")
    saved = await office.user_stores.disable(COMMAND_LINE, "OWN")
    assert "OWN/boss" in saved.warnings[0]


async def test_two_ways_of_one_administrator_are_not_closed_at_one_moment() -> None:
    """R-021: whoever closes one of the last two ways holds the other, although nobody is shut out by it alone."""
    office = await _office()
    await _linked(office, "one", "acme", "beta")
    closed = await office.identity_providers.shut_out_by(COMMAND_LINE, "beta")
    assert () == closed.names
    await office.identity_providers.set_enabled(COMMAND_LINE, "acme", enabled=False)
    before = office.doors.look()
    with pytest.raises(Conflict) as lost:
        await office.doors.unit_of_work.commit(*closed.held)
    assert ("identity_provider", True) == (lost.value.what, before is office.doors.look())
    assert "operators_all_shut_out" == await _refused(office, COMMAND_LINE, "beta")
    await office.identity_providers.set_enabled(COMMAND_LINE, "acme", enabled=True)
    await office.identity_providers.set_enabled(COMMAND_LINE, "beta", enabled=False)


async def test_whoever_has_no_way_in_any_more_shuts_out_no_last_administrator() -> None:
    """Issue 7: who is still here, and cannot come again, does not shut out the one who can."""
    office = await _office()
    one, two = await _linked(office, "one", "acme"), await _linked(office, "two", "beta")
    await office.identity_providers.set_enabled(two, "acme", enabled=False)
    before = office.doors.look()
    key = FederatedKey("beta", "s-two")
    for verb in (
        office.account_states.lock(one, "two", reason="lost laptop"),
        office.account_states.disable(one, "two"),
        office.identity_locks.lock(one, by_subject("s-two", "beta"), reason="lost laptop"),
        office.account_links.unlink(one, "two", key, forced=True),
        office.users.change(one, "two", UserEdit(roles_removed=(OPERATOR_ROLE,))),
        office.users.remove(one, "two"),
    ):
        with pytest.raises(NotAllowed) as refused:
            await verb
        assert ("operators_all_shut_out", True) == (refused.value.code, before is office.doors.look())
    await office.identity_providers.set_enabled(two, "acme", enabled=True)
    await office.account_states.lock(one, "two", reason="lost laptop")
    await office.users.remove(one, "two")


async def test_way_of_whoever_shuts_out_an_administrator_is_not_closed_at_the_same_moment() -> None:
    """R-021: one is locked while they close the provider of the one who locks: what closes last is refused."""
    office = await _office()
    one, two = await _linked(office, "one", "acme"), await _linked(office, "two", "beta")
    closed = await office.identity_providers.shut_out_by(two, "acme")
    held = await office.account_states.ways.holding(one, await office.users.get(ROOT, "two"))
    await office.doors.unit_of_work.commit(*closed.held, *held)
    await office.identity_providers.set_enabled(two, "acme", enabled=False)
    before = office.doors.look()
    with pytest.raises(Conflict) as lost:
        await office.doors.unit_of_work.commit(*held)
    assert ("identity_provider", True) == (lost.value.what, before is office.doors.look())


async def test_link_to_a_provider_that_is_off_is_no_way_in() -> None:
    """Issue 7: nobody unlinks their own last open way, whatever they are linked to besides."""
    office = await _office()
    one = await _linked(office, "one", "acme", "beta")
    await office.identity_providers.set_enabled(one, "beta", enabled=False)
    before, key = office.doors.look(), FederatedKey("acme", "s-one")
    with pytest.raises(NotAllowed) as refused:
        await office.account_links.unlink(one, "one", key, forced=True)
    code, unchanged = refused.value.code, before is office.doors.look()
    assert ("operator_may_not_lock_out_themselves", True) == (code, unchanged)
    await office.identity_providers.set_enabled(one, "beta", enabled=True)
    await office.account_links.unlink(one, "one", key)
