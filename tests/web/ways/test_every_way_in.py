"""The matrix: every way in, and whatever may be the matter with the person or with their social identity."""

from collections.abc import AsyncIterator, Callable, Mapping

import pytest
from starlette.routing import Router
from tests.ways_in_summary import CELL, Cell
from tests.web.pages.pages_house import JOURNAL, PagesHouse, open_pages
from tests.web.ways.people_and_states import STATES, Somebody
from tests.web.ways.route_table import BESIDE, GRANTS, ROUTES, NoWay, doors_of
from tests.web.ways.ways_in import (
    IN,
    ByAccountPages,
    ByLinkProof,
    ByLinkProofThroughProvider,
    ByOAuth2,
    ByOIDC,
    ByOwnPage,
    ByPassword,
    ByPrompt,
    BySAML,
    BySecondFactor,
    BySession,
    Way,
)
from tests.web.ways.ways_of_applications import (
    ByCode,
    ByIntrospection,
    ByRefresh,
    ByRefreshRepeat,
    ByUserInfo,
)

from jitney.openid_provider.discovery import metadata
from jitney.web.kit.edge import Edge

pytestmark = pytest.mark.anyio

WAYS: tuple[type[Way], ...] = (
    ByPassword, ByOIDC, ByOAuth2, BySAML, ByPrompt, ByOwnPage, ByLinkProof, ByLinkProofThroughProvider,
    BySecondFactor, BySession, ByAccountPages, ByCode, ByRefresh, ByRefreshRepeat, ByUserInfo, ByIntrospection,
)  # fmt: skip

ANEW = "in, as somebody new"
"""Whoever was deleted and proves themselves at their provider again gets a new account (R-015)."""

_NAMES = (
    "locked", "disabled", "expired lock", "deleted", "locked by subject", "locked by e-mail", "subject alone",
    "e-mail alone", "expired, identity",
)  # fmt: skip


def _row(*verdicts: str) -> Mapping[str, str]:
    """Return the verdicts of one way by state, in the order in which the states are listed."""
    return dict(zip(_NAMES, verdicts, strict=True))


_NO, _HIT, _GONE = "user_may_not_sign_in", "identity_locked", "link_proof_opens_no_account"
_ARRIVING = _row("user_locked", "user_disabled", IN, ANEW, _HIT, _HIT, _HIT, _HIT, IN)
# No social identity has a part in a password: where the account is not locked, it opens.
_TYPED = _row(_NO, _NO, IN, "user_unknown", _NO, _NO, IN, IN, IN)


def _all(verdict: str) -> Mapping[str, str]:
    return _row(*(verdict,) * 2, IN, *(verdict,) * 5, IN)


def _by_token(deleted: str, ended: str) -> Mapping[str, str]:
    """Return a row of the token endpoint; what a verb locks has also ended the sessions and the tokens."""
    return _row("user_locked", "user_not_active", IN, deleted, ended, ended, _HIT, _HIT, IN)


VERDICTS: Mapping[str, Mapping[str, str]] = {
    "password": _TYPED,
    "OpenID Connect": _ARRIVING,
    "OAuth 2.0": _ARRIVING,
    "SAML": _ARRIVING,
    "prompt": _ARRIVING,
    "own page": _ARRIVING,
    "link proof, password": _TYPED,
    "link proof, provider": _all(_GONE),
    "second factor": _row(
        "user_locked", "user_disabled", IN, "link_gone", "user_locked", "user_locked", _HIT, _HIT, IN
    ),
    "live session": _all("login_required"),
    "my account": _all("sign_in_wanted"),
    "code redemption": _by_token("code_unknown", "code_unknown"),
    "refresh": _by_token("refresh_token_unknown", "refresh_token_revoked"),
    "refresh, repeated": _by_token("refresh_token_unknown", "refresh_token_revoked"),
    "userinfo": _by_token("token_unknown", "tokens_revoked"),
    "introspection": _all("inactive"),
}  # fmt: skip


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.name)
async def way_and_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Way, PagesHouse]]:
    """A way in, and one house for all that may be the matter: with somebody else each time."""
    way: Way = request.param()
    async with way.open(tmp_path_factory.mktemp("house")) as house:
        yield way, house


@pytest.mark.parametrize("state", STATES)
async def test_state_counts_on_this_way_in(
    way_and_house: tuple[Way, PagesHouse], state: str, record_property: Callable[[str, object], None]
) -> None:
    """R-035, R-048, P-7: refused with its reason, changing nothing; the same walk a moment before led in."""
    way, house = way_and_house
    who = Somebody(house, f"person-{list(STATES).index(state)}", way.idp)
    await way.begin(who)
    first, second = await way.come(who), await way.come(who)
    before_it = await first()
    known = (await who.user()).id
    await STATES[state](who)
    kept = await house.snapshot(*JOURNAL, "attempts")
    verdict = await second()
    if verdict == IN and state == "deleted":
        verdict = ANEW if (await who.user()).id != known else IN
    record_property(CELL, Cell(way.name, state, before_it, verdict).told())
    assert (IN, VERDICTS[way.name][state]) == (before_it, verdict)
    if not verdict.startswith(IN):
        assert kept == await house.snapshot(*JOURNAL, "attempts")


async def test_every_route_is_a_way_in_or_says_why_not(house: PagesHouse) -> None:
    """R-048: a route that is not in the table, or a row whose route is gone, fails here."""
    edge = house.house.web()
    assert isinstance(edge, Edge)
    assert isinstance(edge.app, Router)
    assert set(ROUTES) == set(doors_of(edge.app.routes))
    named = {said for said in ROUTES.values() if not isinstance(said, NoWay)}
    assert {way.name for way in WAYS} == named | set(BESIDE)
    assert set(BESIDE.values()) <= named
    assert set(VERDICTS) == {way.name for way in WAYS}
    assert set(_NAMES) == set(STATES)


def test_every_grant_type_is_a_way_in() -> None:
    """R-048, R-083: a grant type that is offered and not in the table fails here."""
    assert metadata("https://id.example")["grant_types_supported"] == list(GRANTS)
    assert {name for names in GRANTS.values() for name in names} <= set(VERDICTS)


@pytest.fixture
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PagesHouse]:
    """Any house: all have the same routes."""
    async with open_pages(tmp_path_factory.mktemp("house")) as opened:
        yield opened
