"""Very long lists typed into one box: refused at once, nothing stored, and never the whole service held up."""

from pathlib import Path

import pytest
from tests.journeys.administration.office import ROOT, Office
from tests.web.console.console_house import open_console
from tests.web.console.doorway_house import send, slip, standing
from tests.web.pages.pages_house import reason_of

from jitney.administration.faults_by_field import gather
from jitney.administration.people.user_drafts import NewUser
from jitney.administration.people.users import UserEdit
from jitney.administration.providers.home_realm_rules import find_home_realm_faults
from jitney.errors import InvalidInput
from jitney.model.home_realm import HomeRealm
from jitney.web.console.people.attribute_form import read_pairs

pytestmark = pytest.mark.anyio

MANY = 60_000
"""Lines of a box: a third of what one form may carry; comparing each with each takes a minute."""

WITHIN = {"city": tuple(f"town {n}" for n in range(100)), "note": ("n" * 4096,)}


async def test_person_is_not_given_what_every_sign_in_would_read(tmp_path: Path) -> None:
    """R-029, R-127: sixty thousand values for one person are refused at once; the same value again is one value."""
    async with open_console(tmp_path) as console:
        before, path = await standing(console), "/console/people/add"
        typed = {"store": "PRIMARY", "name": "grace", "new": "\n".join(f"a={n}" for n in range(MANY))}
        page = await send(console.root, path, {**slip(console, console.root, path, "root"), **typed})
        assert (422, "user_attribute_too_large") == (page.status, reason_of(page))
        assert 'aria-invalid="true"' in page.text
        assert before == await standing(console)
        typed["new"] = "a=b\n" * MANY + "a=c"
        fields = {**slip(console, console.root, path, "root", number="m"), **typed}
        assert 303 == (await send(console.root, path, fields)).status
        [grace] = [user for user in await console.pages.users() if user.username.name == "grace"]
        assert ("b", "c") == grace.values("a")


@pytest.mark.parametrize(
    "beyond",
    [
        {"city": tuple(f"town {n}" for n in range(101))},
        {"note": ("n" * 4097,)},
        {"n" * 201: ("x",)},
        {f"name {n}": ("x",) for n in range(201)},
    ],
    ids=["values", "length", "name", "attributes"],
)
async def test_attributes_that_an_operator_gives_have_bounds(beyond: dict[str, tuple[str, ...]]) -> None:
    """R-029: an operator gives no more than a provider may assert, to somebody new and to somebody who is there."""
    office = Office()
    ada = await office.users.add(ROOT, NewUser("ada", attributes=WITHIN))
    before = office.doors.look()
    with pytest.raises(InvalidInput) as added:
        await office.users.add(ROOT, NewUser("grace", attributes=beyond))
    with pytest.raises(InvalidInput) as changed:
        await office.users.change(ROOT, ada.id, UserEdit(attributes=beyond))
    assert ["user_attribute_too_large"] * 2 == [added.value.code, changed.value.code]
    assert before is office.doors.look()
    again = await office.users.change(ROOT, ada.id, UserEdit(attributes={"city": ("Vienna",)}))
    assert ("Vienna",) == again.values("city")


def test_values_keep_their_order_and_count_once() -> None:
    """Issue 7: what stands in the box twice is given once."""
    assert {"a": ("c", "b"), "d": ("e",)} == read_pairs("a=c\nd = e\r\na=b\na=c")


def test_as_many_attributes_are_added_at_once_as_a_page_can_show() -> None:
    """R-127: each new attribute becomes a field of the page that shows both versions, so that they are counted."""
    assert 200 == len(read_pairs("\n".join(f"a{n}=x" for n in range(200))))
    with pytest.raises(InvalidInput) as refused:
        read_pairs("\n".join(f"a{n}=x" for n in range(MANY)))
    assert ("form_invalid", {"new"}) == (refused.value.code, set(refused.value.fields))


def test_faults_of_a_field_are_told_up_to_a_score() -> None:
    """Issue 7: a file that was pasted into a box by mistake has thousands of faults, and the page stays a page."""
    faults = [("a", f"Line {n // 2} is wrong.") for n in range(2 * MANY)]
    told = gather([*faults, ("b", "Choose one."), ("b", "Choose one.")])
    assert "Choose one." == told["b"]
    assert told["a"].startswith("Line 0 is wrong. Line 1 is wrong. ")
    assert told["a"].endswith(f"Line 19 is wrong. And {MANY - 20} more.")
    assert " ".join(f"Line {n} is wrong." for n in range(20)) == gather(faults[:40])["a"]


def test_domains_beyond_all_measure_are_refused_at_once() -> None:
    """R-127: a list of tens of thousands of domains costs no minute, and names a few of them."""
    many = tuple(f"d{n // 2}.example" for n in range(MANY))
    faults = [sentence for _, sentence in find_home_realm_faults(HomeRealm(domains=many))]
    assert "A provider has at most 200 domains." in faults
    assert len(faults) < 10
    assert [] == list(find_home_realm_faults(HomeRealm(domains=many[0:400:2])))
    assert ["d0.example is listed twice."] == [
        sentence for _, sentence in find_home_realm_faults(HomeRealm(domains=many[0:3]))
    ]
