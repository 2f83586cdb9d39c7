"""What a person meets who comes back after a crash: before recovery, while it is held up, and long after it.

Jitney stands on its embedded database here, and its users live in a directory and in a file of somebody else's.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.end_to_end.elsewhere import Elsewhere, prepared
from tests.end_to_end.elsewhere_records import MODES, declared_home
from tests.end_to_end.outside_store import somebody_elses
from tests.end_to_end.outside_stores import openldap, sqlite
from tests.end_to_end.test_kill_nine import MOMENTS as IN_OUR_DATABASE
from tests.end_to_end.test_kill_nine_asking import MOMENTS as OF_A_PAGE
from tests.end_to_end.test_kill_nine_elsewhere import MOMENTS
from tests.end_to_end.visitor import LEASE_IS_OVER, Visitor
from tests.servers.slapd import SlapdServer

from jitney.operations.making import LOOK_AGAIN, WATCHED_FOR
from jitney.testing.fake_oidc_provider import FakeOIDCProvider

pytestmark = pytest.mark.anyio

KINDS = ("openldap", "sqlite")
ASKING = tuple(mode for mode in MODES if mode != "silent")
RESERVED, STANDING = "after AddOperation", "after add"


@pytest.fixture(scope="module")
async def elsewhere(
    acme: FakeOIDCProvider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Elsewhere]:
    """Jitney, an OpenLDAP, and a file."""
    with SlapdServer() as slapd:
        stores = [openldap("OPENLDAP", slapd), sqlite("SQLITE", tmp_path_factory.mktemp("store"))]
        async with prepared(await declared_home(acme, stores), stores) as elsewhere:
            yield elsewhere


@pytest.fixture(autouse=True)
async def in_order(elsewhere: Elsewhere) -> AsyncIterator[None]:
    """Whatever a test leaves, the next one finds everything in order."""
    yield
    await elsewhere.tidy()


@pytest.mark.parametrize("point", ["K4", "K5", "K7", "K8"])
async def test_the_page_that_was_open_is_answered_once_more(elsewhere: Elsewhere, point: str) -> None:
    """R-145, R-130, K4 to K8: the same page takes the same answers, and they come in as whom recovery left."""
    people = [elsewhere.visitor(kind, mode) for kind in KINDS for mode in ASKING]
    await crash(elsewhere, MOMENTS[point].text, people)
    await elsewhere.recover()
    left = await elsewhere.users_of(people)
    subjects = [await person.answer_again() for person in people]
    assert [] == await elsewhere.wrong()
    assert [[(subject, "active")] for subject in subjects] == await elsewhere.users_of(people)
    assert MOMENTS[point].entry == (await elsewhere.users_of(people) == left)
    await leave(people)


@pytest.mark.parametrize("moment", [RESERVED, STANDING])
async def test_whoever_comes_before_recovery_ends_it_themselves(elsewhere: Elsewhere, moment: str) -> None:
    """R-130, R-133, REL-12: two browsers of each person find the lease over and nobody at it: one account."""
    people = [elsewhere.visitor(kind, mode) for kind in KINDS for mode in MODES]
    await crash(elsewhere, moment, people)
    left = await elsewhere.users_of(people)
    await serve_idly(elsewhere)
    elsewhere.wind(LEASE_IS_OVER)
    ways = [way for person in people for way in (person.sign_in(), person.in_another_browser())]
    subjects = await asyncio.gather(*ways)
    elsewhere.wind(0)
    assert [] == await elsewhere.wrong()
    assert subjects[::2] == subjects[1::2]
    assert [[(subject, "active")] for subject in subjects[::2]] == await elsewhere.users_of(people)
    assert (moment == STANDING) == ([users[0][0] for users in left] == subjects[::2])
    await leave(people)


@pytest.mark.parametrize("moment", [RESERVED, STANDING])
async def test_whoever_comes_while_the_lease_holds_waits_for_its_end(
    elsewhere: Elsewhere, moment: str
) -> None:
    """R-130, R-133, K5, K7: nobody takes over what somebody may be at; they wait, and come in without an error."""
    people = [elsewhere.visitor(kind, mode) for kind in KINDS for mode in MODES]
    await crash(elsewhere, moment, people)
    await serve_idly(elsewhere)
    (elsewhere.home.folder / "commits").write_text("")
    coming = [asyncio.ensure_future(person.sign_in()) for person in people]
    await elsewhere.until_noted("SaveSignIn:returned", len(people))
    assert len(people) == (await elsewhere.operations()).count("pending")
    elsewhere.wind(LEASE_IS_OVER)
    subjects = await asyncio.gather(*coming)
    elsewhere.wind(0)
    assert [] == await elsewhere.wrong()
    assert [[(subject, "active")] for subject in subjects] == await elsewhere.users_of(people)
    await leave(people)


@pytest.mark.parametrize(
    ("moment", "again"),
    [
        (RESERVED, "after SaveOperation"),
        (RESERVED, "after find_made"),
        (RESERVED, "after RemoveUser"),
        (STANDING, "after SaveOperation"),
        (STANDING, "after find_made"),
        (STANDING, "before PublishUser"),
        (STANDING, "after PublishUser"),
    ],
)
async def test_recovery_that_is_killed_is_taken_over(elsewhere: Elsewhere, moment: str, again: str) -> None:
    """R-133, P-4: whoever recovers may die as well, at each of its steps, and the next one goes on from there."""
    people = [elsewhere.visitor(kind, "silent") for kind in KINDS]
    await crash(elsewhere, moment, people)
    elsewhere.wind(LEASE_IS_OVER)
    await elsewhere.die_of(again)
    assert [] == await elsewhere.wrong(recovered=False)
    await elsewhere.recover(after=2 * LEASE_IS_OVER)
    assert [] == await elsewhere.wrong()
    for person in people:
        assert [(await person.sign_in(), "active")] == await person.users()
    assert [] == await elsewhere.wrong()
    await leave(people)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_comes_to_stand_late_is_taken_away(elsewhere: Elsewhere, kind: str) -> None:
    """R-133, P-4, K6: the answer that never came was a yes after all; the entry goes, later the watch as well."""
    person, store = elsewhere.visitor(kind, "silent"), elsewhere.stores[kind.upper()]
    await crash(elsewhere, RESERVED, [person])
    ((user_id, _),) = await person.users()
    await elsewhere.recover()
    assert (["undone"], []) == (await elsewhere.operations(person.name), await person.users())
    await store.place(person.name, user_id)
    elsewhere.wind(LEASE_IS_OVER + LOOK_AGAIN.total_seconds())
    await elsewhere.until_wrong([])
    assert person.name not in {one.name for one in await store.standing()}
    elsewhere.wind(WATCHED_FOR.total_seconds() + 2 * LOOK_AGAIN.total_seconds())
    await elsewhere.until_forgotten(person.name)
    elsewhere.wind(0)
    await leave([person])


@pytest.mark.parametrize("is_marked", [False, True], ids=["without a stamp", "with another's"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_stranger_who_took_the_name_is_neither_adopted_nor_removed(
    elsewhere: Elsewhere, kind: str, is_marked: bool
) -> None:
    """R-133, P-4, K5: between the reservation and recovery, and while it is watched, the name is a stranger's."""
    person, store = elsewhere.visitor(kind, "silent"), elsewhere.stores[kind.upper()]
    await crash(elsewhere, RESERVED, [person])
    await store.seed(person.name, somebody_elses() if is_marked else None)
    await elsewhere.recover()
    elsewhere.wind(WATCHED_FOR.total_seconds() + 2 * LEASE_IS_OVER)
    await elsewhere.until_forgotten(person.name)
    elsewhere.wind(0)
    assert [] == await elsewhere.wrong()
    assert "name_taken" == await person.attempt()
    assert ([], []) == (await person.users(), await elsewhere.wrong())
    await leave([person])


@pytest.mark.parametrize("mode", MODES)
async def test_a_sign_in_elsewhere_has_no_other_boundary(elsewhere: Elsewhere, mode: str) -> None:
    """R-145: every commit, and every call that writes to the store, is a moment that is killed at somewhere."""
    await elsewhere.serve()
    notes = elsewhere.home.folder / "commits"
    notes.write_text("")
    async with elsewhere.visitor("openldap", mode) as person:
        await person.sign_in()
    steps = [set(line.split("+")) for line in notes.read_text().splitlines()]
    changing = [step for step in steps if not any(name.startswith("find") for name in step)]
    texts = [moment.text for moments in (IN_OUR_DATABASE, OF_A_PAGE, MOMENTS) for moment in moments.values()]
    named = [set(text.partition(" ")[2].split("+")) for text in texts]
    assert [] == [step for step in changing if not any(names <= step for names in named)]
    asked = ["SaveSignIn:proven"] if mode != "silent" else []
    in_order = [
        "AddSignIn",
        "SaveSignIn:returned",
        *asked,
        "AddOperation",
        "add",
        "PublishUser",
        "RedeemCode",
    ]
    assert len(in_order) == len(changing)
    assert all(name in step for name, step in zip(in_order, changing, strict=True))


async def crash(elsewhere: Elsewhere, moment: str, people: list[Visitor]) -> None:
    """Let people come as far as a moment, and kill Jitney."""
    await elsewhere.kill(await elsewhere.halt(moment, [person.arrive() for person in people]))


async def serve_idly(elsewhere: Elsewhere) -> None:
    """Serve, and leave recovery to whoever comes."""
    elsewhere.set("idle")
    await elsewhere.serve()


async def leave(people: list[Visitor]) -> None:
    """Let people close their browsers."""
    for person in people:
        await person.browser.close()
