"""Whoever passes through without an account has nothing here that could be locked, but their social identity."""

from collections.abc import AsyncIterator

import pytest
from tests.web.pages.pages_house import JOURNAL, PagesHouse
from tests.web.ways.people_and_states import STATES, Somebody
from tests.web.ways.ways_in import IN, ByOIDC, BySession, Way
from tests.web.ways.ways_of_applications import (
    ByCode,
    ByIntrospection,
    ByRefresh,
    ByRefreshRepeat,
    ByUserInfo,
)

from jitney.model.policy import ProvisioningPolicy

pytestmark = pytest.mark.anyio

WAYS: tuple[type[Way], ...] = (
    ByOIDC, BySession, ByCode, ByRefresh, ByRefreshRepeat, ByUserInfo, ByIntrospection,
)  # fmt: skip
LOCKED = ("locked by subject", "locked by e-mail", "subject alone", "e-mail alone")


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.name)
async def way_and_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Way, PagesHouse]]:
    """A way in, and a house in which nobody of Acme gets an account."""
    way: Way = request.param()
    async with way.open(tmp_path_factory.mktemp("house")) as house:
        await house.change_provider(policy=ProvisioningPolicy(enabled=False))
        yield way, house


@pytest.mark.parametrize("state", [*LOCKED, "expired, identity"])
async def test_lock_on_an_identity_without_account_counts(
    way_and_house: tuple[Way, PagesHouse], state: str
) -> None:
    """R-035, P-7: refused, and nothing is changed; the same walk led in before, and does when the lock is over."""
    way, house = way_and_house
    who = Somebody(house, f"person-{list(STATES).index(state)}", way.idp)
    first, second = await way.come(who), await way.come(who)
    assert IN == await first()
    assert [] == await house.users()
    await STATES[state](who)
    kept = await house.snapshot(*JOURNAL)
    verdict = await second()
    assert (state in LOCKED) == (verdict != IN), verdict
    if verdict != IN:
        assert kept == await house.snapshot(*JOURNAL)
