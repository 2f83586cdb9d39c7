"""The checks of the crash tests see every rule of the protocol that is broken on purpose.

Each test breaks one rule in the server of the tests (``broken_protocol``), and names what the checker then says;
that the same walk is whole without it, the crash tests show.
"""

from collections.abc import AsyncIterator

import pytest
from tests.end_to_end.elsewhere import Elsewhere, prepared
from tests.end_to_end.elsewhere_records import declared_home
from tests.end_to_end.outside_store import somebody_elses
from tests.end_to_end.outside_stores import openldap, sqlite
from tests.end_to_end.test_recovery_elsewhere import KINDS, RESERVED, STANDING, crash
from tests.servers.slapd import SlapdServer

from jitney.operations.making import LOOK_AGAIN
from jitney.testing.fake_oidc_provider import FakeOIDCProvider

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("kind", KINDS)]


@pytest.fixture(scope="module")
async def elsewhere(
    acme: FakeOIDCProvider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Elsewhere]:
    """Jitney, an OpenLDAP, and a file."""
    with SlapdServer() as slapd:
        stores = [openldap("OPENLDAP", slapd), sqlite("SQLITE", tmp_path_factory.mktemp("store"))]
        home = await declared_home(acme, stores, modes=["silent"])
        async with prepared(home, stores) as elsewhere:
            yield elsewhere


@pytest.fixture(autouse=True)
async def in_order(elsewhere: Elsewhere) -> AsyncIterator[None]:
    """Each test finds everything in order, and a server that keeps the protocol until it is told otherwise."""
    await elsewhere.stop()
    yield
    elsewhere.withdraw()
    await elsewhere.forget_everybody()
    await elsewhere.tidy()


async def test_a_user_who_is_published_before_the_entry_stands(elsewhere: Elsewhere, kind: str) -> None:
    """P-2, R-131: a crash between the two leaves an account that nobody can find again."""
    elsewhere.set("broken", "publishes_before_adding")
    await crash(elsewhere, RESERVED, [elsewhere.visitor(kind, "silent")])
    assert f"an active user without an entry of ours, in {kind.upper()}" in await elsewhere.wrong()


async def test_an_entry_of_a_stranger_that_is_adopted(elsewhere: Elsewhere, kind: str) -> None:
    """P-4, R-133: whoever comes under the name of somebody in the directory would be given that entry."""
    elsewhere.set("broken", "adopts")
    async with elsewhere.visitor(kind, "silent") as person:
        await elsewhere.stores[kind.upper()].seed(person.name)
        await elsewhere.serve()
        await person.attempt()
    assert f"an active user without an entry of ours, in {kind.upper()}" in await elsewhere.wrong()


async def test_a_session_that_begins_with_the_reservation(elsewhere: Elsewhere, kind: str) -> None:
    """P-2, R-131: somebody is let in as a user who may never come to be."""
    elsewhere.set("broken", "lets_in_with_the_reservation")
    await crash(elsewhere, STANDING, [elsewhere.visitor(kind, "silent")])
    assert "a session of a user who may not be used" in await elsewhere.wrong(recovered=False)


async def test_a_recovery_that_asks_for_no_stamp(elsewhere: Elsewhere, kind: str) -> None:
    """P-4, R-133: what was given up is watched, and a stranger who has the name by now is removed."""
    person = elsewhere.visitor(kind, "silent")
    await crash(elsewhere, RESERVED, [person])
    await elsewhere.recover()
    await elsewhere.stop()
    await elsewhere.stores[kind.upper()].seed(person.name, somebody_elses())
    elsewhere.set("broken", "asks_for_no_stamp")
    await elsewhere.serve()
    elsewhere.wind(2 * LOOK_AGAIN.total_seconds())
    await elsewhere.until_wrong([f"a stranger in {kind.upper()} was touched"])


async def test_a_recovery_that_takes_a_namesake_for_its_own(elsewhere: Elsewhere, kind: str) -> None:
    """P-4, R-133: a stranger took the name while nobody was at it, and is undone as if they were ours."""
    person = elsewhere.visitor(kind, "silent")
    await crash(elsewhere, RESERVED, [person])
    await elsewhere.stores[kind.upper()].seed(person.name, somebody_elses())
    elsewhere.set("broken", "asks_for_no_stamp")
    await elsewhere.recover()
    assert [f"a stranger in {kind.upper()} was touched"] == await elsewhere.wrong()


async def test_a_commit_that_is_torn_in_two(elsewhere: Elsewhere, kind: str) -> None:
    """P-2, R-131: the link without the user, and the user without anybody who works on it."""
    await elsewhere.die_of("amid AddUser", elsewhere.visitor(kind, "silent").sign_in)
    assert "a user who may not be used and on whom nobody works" in await elsewhere.wrong(recovered=False)


async def test_a_moment_that_never_comes_is_not_passed_over(elsewhere: Elsewhere, kind: str) -> None:
    """A boundary that nothing reaches makes a test fail instead of pass."""
    with pytest.raises(AssertionError, match="never reached"):
        await elsewhere.die_of("after remove", elsewhere.visitor(kind, "silent").sign_in)
