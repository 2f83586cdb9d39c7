"""The search for people: by whatever is known of them, in every user store."""

from dataclasses import replace

import pytest
from tests.journeys.administration.branch import Branch, branch
from tests.journeys.administration.office import ACME, ROOT, Office

from jitney.administration.operator import Operator
from jitney.administration.people.people_search import (
    LONGEST_TEXT,
    MOST_PROVIDERS,
    FoundPeople,
    PeopleSearch,
    PeopleSought,
)
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.errors import InvalidInput, NotAllowed, UserStoreUnavailable
from jitney.model.changes import AddUser
from jitney.model.user import User, Username

pytestmark = pytest.mark.anyio

LOCAL = NewUser("grace", attributes={"email": ("Grace@shop.example",)}, links=(FederatedKey("acme", "248"),))


def search_of(office: Office) -> PeopleSearch:
    doors = office.doors
    return PeopleSearch(doors.user_stores, doors.identity_providers, doors.account_links)


def names(found: FoundPeople) -> list[str]:
    return [str(one.user.username) for one in found.people]


async def office_with_people() -> Office:
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    await office.users.add(ROOT, LOCAL)
    await office.users.add(ROOT, NewUser("gracia"))
    await office.users.add(ROOT, NewUser("linus", attributes={"email": ("linus@shop.example",)}))
    return office


async def provisioned(office: Office, name: str) -> User:
    """Add somebody who came by Acme."""
    acme = await office.doors.identity_providers.find_by_name("acme")
    assert acme is not None
    user = User(f"id-{name}", Username("PRIMARY", name, name), office.clock.now(), origin=acme.id)
    await office.doors.unit_of_work.commit(AddUser(user, None))
    return user


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linus", ["linus"]),
        ("LINUS", ["linus"]),
        ("  linus ", ["linus"]),
        ("PRIMARY/linus", ["linus"]),
        ("primary/gra", ["grace", "gracia"]),
        ("gra", ["grace", "gracia"]),
        ("grace", ["grace"]),
        ("grace@SHOP.example", ["grace"]),
        ("race", []),
        ("248", ["grace"]),
        ("24", []),
        ("gr\u0430ce", []),
        ("\0", None),
        ("x" * (LONGEST_TEXT + 1), None),
    ],
)
async def test_one_box_understands_names_addresses_and_subjects(
    text: str, expected: list[str] | None
) -> None:
    """Issue 7: a name, how it begins, an address and a subject find somebody; what nobody has finds nobody."""
    search = search_of(await office_with_people())
    if expected is None:
        with pytest.raises(InvalidInput) as refused:
            await search.find(ROOT, PeopleSought(text))
        assert ("people_search_invalid", {"q"}) == (refused.value.code, set(refused.value.fields))
        assert ["linus"] == names(await search.find(ROOT, PeopleSought("linus")))
    else:
        assert expected == names(await search.find(ROOT, PeopleSought(text)))


async def test_an_id_is_an_id_and_only_then_a_name() -> None:
    """R-111: who is found by an id stands first, whoever has taken it for a user name."""
    office = await office_with_people()
    (linus,) = (await search_of(office).find(ROOT, PeopleSought("linus"))).people
    await office.users.add(ROOT, NewUser(linus.user.id))
    found = await search_of(office).find(ROOT, PeopleSought(linus.user.id))
    assert ["linus", linus.user.id] == names(found)


async def test_who_came_by_a_provider_is_told_apart_from_who_is_local() -> None:
    """Issue 7: whoever was provisioned just in time is recognised by the provider's name; a link alone is none."""
    office = await office_with_people()
    await provisioned(office, "ada")
    found = await search_of(office).find(ROOT, PeopleSought())
    assert {"ada": "Acme", "grace": None, "gracia": None, "linus": None} == {
        one.user.username.name: one.provisioned_by for one in found.people
    }


async def test_the_people_of_a_provider_come_by_subject() -> None:
    """Issue 7: with a provider those are listed who are linked to it; with a text, those of them whom it means."""
    office = await office_with_people()
    search = search_of(office)
    linked = await search.find(ROOT, PeopleSought(idp="acme"))
    assert [("grace", "248")] == [(one.user.username.name, one.subject) for one in linked.people]
    assert ["grace"] == names(await search.find(ROOT, PeopleSought("gra", idp="acme")))
    assert [] == names(await search.find(ROOT, PeopleSought("linus", idp="acme")))
    assert [] == names(
        await search.find(ROOT, PeopleSought("248", domain="PRIMARY", idp="acme", after="P/x"))
    )
    for sought, field in ((PeopleSought(idp="nobody"), "idp"), (PeopleSought(domain="NOWHERE"), "store")):
        with pytest.raises(InvalidInput) as refused:
            await search.find(ROOT, sought)
        assert ("people_search_invalid", {field}) == (refused.value.code, set(refused.value.fields))


async def test_pages_follow_each_other_without_a_gap() -> None:
    """R-151: a page holds at most fifty, and its cursor leads on to whoever stands behind, each once."""
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    wanted = [f"user{number:03}" for number in range(120)]
    for number, name in enumerate(wanted):
        links = (FederatedKey("acme", f"s{number:03}"),)
        await office.users.add(ROOT, NewUser(name, links=links))
    await office.users.add(ROOT, NewUser("zoe"))
    for sought in (PeopleSought("user"), PeopleSought("PRIMARY/user"), PeopleSought(idp="acme")):
        seen, sizes = list[str](), list[int]()
        after: str | None = ""
        while after is not None:
            page = await search_of(office).find(
                ROOT, PeopleSought(sought.text, sought.domain, sought.idp, after)
            )
            seen, after = seen + names(page), page.after
            sizes.append(len(page.people))
        assert (wanted, [50, 50, 20]) == (seen, sizes)


async def test_without_the_right_to_see_nobody_is_found() -> None:
    """R-110: an operator without any right is refused; one who sees finds."""
    search = search_of(await office_with_people())
    with pytest.raises(NotAllowed) as refused:
        await search.find(Operator("u-1", "one", frozenset()), PeopleSought("linus"))
    assert "operator_right_missing" == refused.value.code
    assert ["linus"] == names(await search.find(ROOT, PeopleSought("linus")))


async def test_a_subject_alone_is_not_asked_of_many_providers() -> None:
    """R-151: the number of questions is bounded; with its provider a subject is found among any number of them."""
    office = await office_with_people()
    for number in range(MOST_PROVIDERS - 1):
        await office.identity_providers.add(ROOT, replace(ACME, name=f"idp{number}"))
    few = await search_of(office).find(ROOT, PeopleSought("248"))
    assert (["grace"], False) == (names(few), few.subjects_skipped)
    await office.identity_providers.add(ROOT, replace(ACME, name="one-more"))
    many = await search_of(office).find(ROOT, PeopleSought("248"))
    assert ([], True) == (names(many), many.subjects_skipped)
    assert ["grace"] == names(await search_of(office).find(ROOT, PeopleSought("248", idp="acme")))
    choices = await search_of(office).choices(ROOT)
    assert (["PRIMARY"], MOST_PROVIDERS + 1) == (list(choices.domains), len(choices.providers))


async def test_a_provider_that_is_gone_is_said_to_be() -> None:
    """Issue 7: whoever came by a provider that was removed is still told apart from who is local."""
    office = await office_with_people()
    user = User("id-old", Username("PRIMARY", "old", "old"), office.clock.now(), origin="idp-gone")
    await office.doors.unit_of_work.commit(AddUser(user, None))
    (found,) = (await search_of(office).find(ROOT, PeopleSought("old"))).people
    assert "a provider that is gone" == found.provisioned_by


# ── several stores ──────────────────────────────────────────────────────────────────────────────────


async def at_branch() -> tuple[Branch, PeopleSearch]:
    at = await branch()
    await at.office.users.add(ROOT, NewUser("grace", attributes={"email": ("grace@eng.example",)}))
    return at, search_of(at.office)


async def test_every_store_is_looked_through() -> None:
    """Issue 7: a bare name means everybody of that name, and a domain in front of it one store."""
    _, search = await at_branch()
    assert ["grace", "ENG/grace"] == names(await search.find(ROOT, PeopleSought("grace")))
    assert ["grace", "ENG/grace"] == names(await search.find(ROOT, PeopleSought("grace@eng.example")))
    assert ["ENG/grace"] == names(await search.find(ROOT, PeopleSought("ENG/grace")))
    assert ["ENG/grace"] == names(await search.find(ROOT, PeopleSought("grace", domain="eng")))
    assert [] == names(await search.find(ROOT, PeopleSought("ENG/grace", domain="PRIMARY")))
    assert ["ENG/ada"] == names(await search.find(ROOT, PeopleSought("a-1")))
    assert ["ENG/ada"] == names(await search.find(ROOT, PeopleSought(idp="acme")))
    assert [] == names(await search.find(ROOT, PeopleSought(idp="acme", domain="PRIMARY")))


@pytest.mark.parametrize("text", ["grace", "ad", "ada@eng.example", "a-1"])
async def test_a_store_that_gives_no_answer_hides_nobody_of_the_others(text: str) -> None:
    """P-11: the other stores' people are found, the silent store is named, and whom we know there is shown."""
    at, search = await at_branch()
    whole = await search.find(ROOT, PeopleSought(text))
    assert () == whole.silent
    for method in ("find", "find_by_name", "find_by_attribute", "page"):
        for _ in range(3):
            at.eng.fails_next(method, UserStoreUnavailable("user_store_unreachable", "It is gone."))
    found = await search.find(ROOT, PeopleSought(text))
    known = [name for name in names(whole) if name != "ENG/grace"]
    assert known == names(found)
    assert ("ENG",) == found.silent
