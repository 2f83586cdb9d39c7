"""Attributes that a provider masters are edited by nobody here; what identifies an account is."""

from dataclasses import replace

import pytest
from tests.journeys.administration.locked_people import HERS, LockedPeople, people
from tests.journeys.administration.office import ROOT

from jitney.administration.declared.declarations import Declaration, DeclaredIdentityProvider
from jitney.administration.people.user_drafts import NewUser
from jitney.administration.people.users import UserEdit
from jitney.errors import InvalidInput, NotAllowed
from jitney.model.changes import RetireIdentityProvider
from jitney.model.enhanced import EnhancedFeature

pytestmark = pytest.mark.anyio


async def refused_edit(at: LockedPeople, name: str, **attributes: str) -> str:
    """Return the fields for which an edit is refused; nothing may have changed by it."""
    before = at.office.doors.look()
    edit = UserEdit({key: (text,) for key, text in attributes.items()}, roles_added=("staff",))
    with pytest.raises(NotAllowed) as refused:
        await at.office.users.change(ROOT, name, edit)
    assert before is at.office.doors.look()
    assert "SUO-10000" == refused.value.code
    return str(refused.value.details["attributes"])


async def test_user_of_a_provider_is_not_edited() -> None:
    """C20, R-034: of whom the provider provisioned no attribute is changed, not even one that it never gave."""
    at = await people()
    await at.office.roles.add(ROOT, "staff")
    await at.add("ada", origin=True)
    await at.add("grace", "g-1", email="")
    assert "nickname" == await refused_edit(at, "ada", nickname="a")
    assert "email" == await refused_edit(at, "ada", email="new@acme.example")
    changed = await at.office.users.change(ROOT, "grace", UserEdit({"nickname": ("g",)}))
    assert ("g",) == changed.values("nickname")


async def test_one_fixed_field_refuses_the_whole_request() -> None:
    """R-034: a linked user's own fields are editable, and stay where another one in the request is fixed."""
    at = await people()
    await at.office.roles.add(ROOT, "staff")
    await at.add("ada")
    assert "email, email_verified" == await refused_edit(
        at, "ada", nickname="a", email="x@acme.example", email_verified="true"
    )
    changed = await at.office.users.change(
        ROOT, "ada", UserEdit({"nickname": ("a",)}, roles_added=("staff",))
    )
    assert (("a",), True) == (changed.values("nickname"), changed.has_role("staff"))


async def test_fault_names_fields_and_no_value() -> None:
    """R-034, R-123: the operator reads which fields, and nobody reads what stands in them."""
    at = await people()
    await at.add("ada", origin=True)
    with pytest.raises(NotAllowed) as refused:
        await at.office.users.change(ROOT, "ada", UserEdit({"email": ("secret@acme.example",)}))
    assert "secret" not in repr(refused.value)
    assert str(refused.value).startswith("User attribute update is not allowed")


async def test_what_stays_the_same_is_no_edit() -> None:
    """R-034: a client that sends the whole record back changes nothing that is fixed."""
    at = await people()
    await at.add("ada")
    same = UserEdit({"email": (HERS,), "nickname": ("a",)})
    assert ("a",) == (await at.office.users.change(ROOT, "ada", same)).values("nickname")


async def test_lock_state_roles_and_password_stay_the_operators() -> None:
    """jit.md 10: identity attributes can be changed while the feature is on."""
    at = await people()
    office = at.office
    await office.roles.add(ROOT, "staff")
    await at.add("ada", origin=True)
    await office.account_states.lock(ROOT, "ada", reason="lost laptop")
    await office.account_states.unlock(ROOT, "ada")
    await office.account_states.disable(ROOT, "ada")
    await office.account_states.enable(ROOT, "ada")
    await office.account_states.set_password(ROOT, "ada", "correct-horse")
    changed = await office.users.change(ROOT, "ada", UserEdit(roles_added=("staff",)))
    assert (True, True) == (changed.has_role("staff"), changed.has_password)
    changed = await office.users.change(ROOT, "ada", UserEdit(roles_removed=("staff",)))
    assert not changed.has_role("staff")


@pytest.mark.parametrize(("edits", "enhanced"), [(False, True), (None, False)])
async def test_where_the_part_is_off_edits_are_taken(edits, enhanced) -> None:
    """jit.md 10: the installation decides for a provider that says nothing; what a provider says goes first."""
    at = await people(edits=edits, enhanced=enhanced)
    await at.add("ada", origin=True)
    changed = await at.office.users.change(ROOT, "ada", UserEdit({"email": ("new@acme.example",)}))
    assert ("new@acme.example",) == changed.values("email")


async def test_provider_that_says_so_itself_refuses_edits() -> None:
    """R-034: one provider's people are fixed although the installation's feature is off."""
    at = await people(edits=True, enhanced=False)
    await at.office.roles.add(ROOT, "staff")
    await at.add("ada", origin=True)
    assert "email" == await refused_edit(at, "ada", email="new@acme.example")


async def test_what_a_removed_provider_gave_is_editable() -> None:
    """R-034: a provider that is gone masters nothing any more."""
    at = await people()
    await at.add("ada", "", origin=True)
    await at.office.doors.unit_of_work.commit(RetireIdentityProvider(at.acme, 1))
    changed = await at.office.users.change(ROOT, "ada", UserEdit({"email": ("new@acme.example",)}))
    assert ("new@acme.example",) == changed.values("email")


async def test_declared_edit_is_refused_before_any_step_is_taken() -> None:
    """R-034: ``jitney apply`` says which fields of whom, and takes none of its steps."""
    at = await people()
    await at.add("ada", origin=True)
    before = at.office.doors.look()
    wanted = Declaration(roles=("staff",), users=(NewUser("ada", attributes={"nickname": ("a",)}),))
    with pytest.raises(InvalidInput) as refused:
        await at.office.declarations.plan(ROOT, wanted)
    assert ["user ada: attributes.nickname"] == list(refused.value.fields)
    assert before is at.office.doors.look()
    acme = await at.office.identity_providers.get(ROOT, "acme")
    opened = replace(acme, enhanced=EnhancedFeature(refuse_edits=False))
    both = replace(wanted, identity_providers=(DeclaredIdentityProvider(opened),))
    await at.office.declarations.apply(ROOT, await at.office.declarations.plan(ROOT, both))
    assert ("a",) == (await at.user("ada")).values("nickname")
