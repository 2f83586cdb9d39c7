"""Purposes: defined, changed and removed, each with its version and its audit event."""

from dataclasses import replace

import pytest
from tests.journeys.administration.office import ROOT, Office

from jitney.errors import Conflict, InvalidInput, NotFound
from jitney.model.audit_event import Action
from jitney.model.consent import Purpose, PurposeAttribute

pytestmark = pytest.mark.anyio

EMAIL, PHONE = PurposeAttribute("email", mandatory=True), PurposeAttribute("phone_number")
DIRECTORY = Purpose("", "Staff directory", "So that colleagues find you.", (EMAIL, PHONE))


async def test_defined_purpose_begins_with_version_one() -> None:
    """R-004, R-121: id and version are ours to give, and the event is kept with the purpose."""
    office = Office()
    purpose = await office.purposes.add(ROOT, replace(DIRECTORY, id="chosen", version=9))
    assert "chosen" != purpose.id
    assert replace(DIRECTORY, id=purpose.id, version=1) == purpose
    assert [purpose] == list(await office.purposes.list(ROOT))
    (event,) = await office.events(f"purpose:{purpose.id}")
    assert (Action.PURPOSE_ADDED, "operator:u-root") == (event.action, event.actor)


@pytest.mark.parametrize(
    "change",
    [
        {"description": "So that colleagues can call you."},
        {"name": "Phone book"},
        {"attributes": (EMAIL,)},
        {"attributes": (EMAIL, replace(PHONE, mandatory=True))},
    ],
)
async def test_every_change_grows_the_version(change: dict) -> None:
    """R-036: other words are another version, and a receipt says which it speaks of; the same words are not."""
    office = Office()
    purpose = await office.purposes.add(ROOT, DIRECTORY)
    before = office.doors.look()
    assert purpose == await office.purposes.change(ROOT, purpose.name, DIRECTORY, version=1)
    assert before is office.doors.look()
    changed = await office.purposes.change(ROOT, purpose.name, replace(DIRECTORY, **change), version=1)
    assert (2, purpose.id) == (changed.version, changed.id)
    event = (await office.events(f"purpose:{purpose.id}"))[0]
    assert (Action.PURPOSE_CHANGED, next(iter(change))) == (event.action, event.about["fields"])


async def test_change_on_an_old_version_is_a_conflict() -> None:
    """P-10: of two operators who change the same version the second is told, and nothing is lost."""
    office = Office()
    await office.purposes.add(ROOT, DIRECTORY)
    await office.purposes.change(ROOT, "Staff directory", replace(DIRECTORY, description="One."), version=1)
    with pytest.raises(Conflict) as refused:
        await office.purposes.change(
            ROOT, "Staff directory", replace(DIRECTORY, description="Two."), version=1
        )
    assert "purpose_changed" == refused.value.code
    assert "One." == (await office.purposes.get(ROOT, "Staff directory")).description


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "ab"}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": " padded "}, "name"),
        ({"name": "Staff\u202edirectory"}, "name"),
        ({"description": " "}, "description"),
        ({"description": "x" * 501}, "description"),
        ({"attributes": ()}, "attributes"),
        ({"attributes": (EMAIL, EMAIL)}, "attributes"),
        *(
            ({"attributes": (PurposeAttribute(name),)}, "attributes")
            for name in (
                "email_verified", "phone_number_verified", "sub", "id", "user_id", "username", "password", "roles",
                "groups", "", "1st", "a b", "a\x00", "x" * 101,
            )
        ),
        ({"attributes": tuple(PurposeAttribute(f"a{number}") for number in range(61))}, "attributes"),
    ],
)  # fmt: skip
async def test_purpose_is_checked_when_it_is_saved(change: dict, field: str) -> None:
    """C26: what no page could ask for is no attribute of a purpose; nothing is saved, neither new nor changed."""
    office = Office()
    await office.purposes.add(ROOT, DIRECTORY)
    before = office.doors.look()
    bad = replace(DIRECTORY, name="Another")
    for attempt in (
        lambda: office.purposes.add(ROOT, replace(bad, **change)),
        lambda: office.purposes.change(ROOT, "Staff directory", replace(DIRECTORY, **change), version=1),
    ):
        with pytest.raises(InvalidInput) as refused:
            await attempt()
        assert ("purpose_invalid", {field}) == (refused.value.code, set(refused.value.fields))
    assert before is office.doors.look()


async def test_all_purposes_together_fit_on_one_page() -> None:
    """R-127: a form holds so many fields; purposes whose boxes would be more are refused when they are saved."""
    office = Office()
    many = tuple(PurposeAttribute(f"a{number}") for number in range(59))
    await office.purposes.add(ROOT, replace(DIRECTORY, name="Many", attributes=many))
    with pytest.raises(InvalidInput) as refused:
        await office.purposes.add(ROOT, DIRECTORY)
    assert {"attributes": "All purposes together list at most 60 attributes."} == refused.value.fields
    await office.purposes.add(ROOT, replace(DIRECTORY, attributes=(EMAIL,)))


async def test_names_of_purposes_are_unique() -> None:
    """Two purposes of one name could not be told apart by those who read them."""
    office = Office()
    await office.purposes.add(ROOT, DIRECTORY)
    other = await office.purposes.add(ROOT, replace(DIRECTORY, name="Phone book"))
    before = office.doors.look()
    with pytest.raises(Conflict) as added:
        await office.purposes.add(ROOT, DIRECTORY)
    with pytest.raises(Conflict) as renamed:
        await office.purposes.change(ROOT, other.name, DIRECTORY, version=1)
    assert ("purpose_name_taken", "purpose_name_taken") == (added.value.code, renamed.value.code)
    assert before is office.doors.look()


async def test_removed_purpose_is_asked_for_no_more() -> None:
    """A purpose that is removed is gone from the list, and its removal is recorded."""
    office = Office()
    purpose = await office.purposes.add(ROOT, DIRECTORY)
    await office.purposes.remove(ROOT, purpose.name)
    assert [] == list(await office.purposes.list(ROOT))
    assert Action.PURPOSE_REMOVED is (await office.events(f"purpose:{purpose.id}"))[0].action
    with pytest.raises(NotFound) as refused:
        await office.purposes.remove(ROOT, purpose.name)
    assert "purpose_not_found" == refused.value.code
