"""Nobody is signed out by a LogoutRequest that their provider did not sign, for us, now (R-070)."""

import pytest
from tests.attack_summary import ACCEPTED, AttackRow, Tell
from tests.contract.upstream_attacks.conftest import MakeHouse
from tests.contract.upstream_attacks.saml_house import outcome_of, received, told_by
from tests.contract.upstream_attacks.saml_rows import LOGOUT_REFUSED

from jitney.testing.fake_saml_provider import LIES, Document, Habits, NameID, Part, lies_about

pytestmark = pytest.mark.anyio

LOGOUT = Document.LOGOUT_REQUEST.value
ODDITIES = [name for name, lie in lies_about(Document.LOGOUT_REQUEST).items() if lie.is_harmless]


def test_every_lie_about_logout_requests_has_its_row() -> None:
    """R-070: a lie that the fake provider learns must be added to the table, with its reason."""
    harmful = {name for name, lie in lies_about(Document.LOGOUT_REQUEST).items() if not lie.is_harmless}
    assert harmful == set(LOGOUT_REFUSED)


@pytest.mark.parametrize(("lie", "reason"), LOGOUT_REFUSED.items(), ids=LOGOUT_REFUSED.keys())
async def test_false_logout_request_is_refused_for_its_reason(
    make_house: MakeHouse, tell: Tell, lie: str, reason: str
) -> None:
    """R-058 R-061 R-064 R-068 R-070: each lie ends in its code; the honest twin names whom and which session."""
    house = make_house()
    lied = await outcome_of(house.be_logged_out(lie))
    twin = await outcome_of(house.be_logged_out(habits=LIES[lie].habits))
    tell(AttackRow(LOGOUT, lie, reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)
    assert (("session-1",), "theirs") == (twin.proved.sessions, twin.proved.relay_state)
    assert [] == told_by(lied.refused)


@pytest.mark.parametrize("oddity", ODDITIES)
async def test_odd_logout_request_is_believed(make_house: MakeHouse, tell: Tell, oddity: str) -> None:
    """R-070: what is odd and true is believed, and is about the same person as its plain twin."""
    house = make_house()
    odd = await outcome_of(house.be_logged_out(oddity))
    twin = await outcome_of(house.be_logged_out(habits=LIES[oddity].habits))
    tell(AttackRow(LOGOUT, oddity, ACCEPTED, odd.verdict, twin.verdict))
    assert (ACCEPTED, ACCEPTED) == (odd.verdict, twin.verdict)
    assert odd.proved.upstream_name == twin.proved.upstream_name


@pytest.mark.parametrize("by_redirect", [False, True], ids=["by post", "by redirect"])
async def test_logout_request_by_sha1_counts_where_the_risk_was_taken(
    make_house: MakeHouse, tell: Tell, by_redirect: bool
) -> None:
    """R-061: RSA with SHA-1 is believed only where the settings of this one provider take the risk by name."""
    lie = "query_by_sha1" if by_redirect else "logout_by_sha1"
    allowed = await outcome_of(make_house(sha1_allowed_risky=True).be_logged_out(lie))
    lied = await outcome_of(make_house().be_logged_out(lie))
    twin = await outcome_of(make_house().be_logged_out(habits=LIES[lie].habits))
    tell(AttackRow(LOGOUT, f"{lie}, risk taken", ACCEPTED, allowed.verdict, twin.verdict))
    assert (ACCEPTED, LOGOUT_REFUSED[lie]) == (allowed.verdict, lied.verdict)


async def test_signed_in_name_is_the_one_that_is_signed_out(make_house: MakeHouse) -> None:
    """R-070: the name of a sign-in and that of the request to end it have the same hash; another's has another."""
    house = make_house()
    arrived = await house.sign_in()
    asked = await house.be_logged_out()
    other = await house.registry.find_saml(house.idp).verify_logout_request(
        received(house.provider.ask_logout(NameID("acme-grace"), "session-1"))
    )
    assert arrived.upstream_name == asked.upstream_name
    assert arrived.upstream_name != other.upstream_name


async def test_request_is_read_from_the_query_that_was_signed(make_house: MakeHouse, tell: Tell) -> None:
    """R-059, R-070: parameters that say another thing than the signed query are read by nobody."""
    house = make_house()
    habits = Habits(signs=Part.RESPONSE, by_redirect=True)
    honest = received(house.provider.ask_logout(NameID("acme-ada"), "session-1", habits=habits))
    stolen = received(house.provider.ask_logout(NameID("acme-mallory"), "session-9", habits=habits))
    mixed = type(honest)(stolen.parameters, honest.query, is_posted=False)
    peer = house.registry.find_saml(house.idp)
    lied, twin = [await outcome_of(peer.verify_logout_request(one)) for one in (mixed, honest)]
    tell(AttackRow(LOGOUT, "query and parameters differ", ACCEPTED, lied.verdict, twin.verdict))
    assert twin.proved == lied.proved
