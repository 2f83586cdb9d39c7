"""An operator tries an identity provider: all is shown, nothing is kept."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.sign_in.sign_in_house import (
    BROWSER,
    OTHER_BROWSER,
    House,
    ada,
    kept_apart,
    refusal_of,
    state_of,
)

from jitney.errors import UpstreamRejected
from jitney.model.federated_identity import OneTimeId, UnverifiedResponse
from jitney.provisioning.decision import Provision
from jitney.signin.journey import Tried
from jitney.signin.journeys_in_browsers import Visitor
from jitney.signin.provider_trial import TrialAhead

pytestmark = pytest.mark.anyio


async def link_to(house: House) -> str:
    link = await house.trials.start("acme")
    assert link.address.startswith("https://id.example/trial?k=")
    return link.address.partition("k=")[2]


async def try_out(house: House, *, code: str = "ada", browser: str = BROWSER) -> Tried:
    state = state_of(await house.trials.begin(await link_to(house), browser=browser))
    unverified = UnverifiedResponse({"state": state, "code": code})
    step = await house.federated.complete("acme", unverified, browser=Visitor(browser))
    assert isinstance(step, Tried), step
    return step


async def test_trial_shows_what_would_happen_and_keeps_nothing(house: House) -> None:
    """R-027: received, mapped and decided are shown; no user, link, session, outcome or event exists after it."""
    before = await house.snapshot()
    tried = await try_out(house)
    assert ada() == tried.identity
    assert tried.rehearsed is not None
    assert isinstance(tried.rehearsed.decision, Provision)
    assert kept_apart(before, "sign_ins") == kept_apart(await house.snapshot(), "sign_ins")


async def test_provider_that_is_switched_off_can_be_tried(house: House) -> None:
    """A provider is tried before it is enabled; people still cannot come through it."""
    await house.change_provider(enabled=False)
    assert ada() == (await try_out(house)).identity


async def test_refused_answer_is_told_with_its_reason(house: House) -> None:
    """R-024: what cannot be verified is shown with its code, and nothing is decided about it."""
    house.upstream.script["bad"] = UpstreamRejected("id_token_nonce_differs", "No.")
    tried = await try_out(house, code="bad")
    assert tried.fault is not None
    assert ("id_token_nonce_differs", None, None) == (tried.fault.code, tried.identity, tried.rehearsed)
    assert ada() == (await try_out(house)).identity


async def test_document_of_a_trial_is_spent(house: House) -> None:
    """R-065: what proved somebody in a trial proves nobody any more, and the other way round."""
    once = OneTimeId("_response-1", house.clock.now() + timedelta(minutes=5))
    house.upstream.script["saml"] = replace(ada(), one_time=(once,))
    assert (await try_out(house, code="saml")).fault is None
    again = await try_out(house, code="saml")
    assert again.fault is not None
    assert "saml_response_replayed" == again.fault.code


async def test_link_works_once_for_ten_minutes(house: House) -> None:
    """R-023, P-5: a link that was used, is old, or was never given leads nowhere; a look does not spend it."""
    key = await link_to(house)
    assert TrialAhead("Acme") == await house.trials.look(key)
    assert TrialAhead("Acme") == await house.trials.look(key)
    await house.trials.begin(key, browser=BROWSER)
    again = house.trials.begin(key, browser=OTHER_BROWSER)
    assert "sign_in_moved_on" == (await refusal_of(house, again)).code
    unknown = house.trials.begin("x" * 43, browser=BROWSER)
    assert "trial_link_unknown" == (await refusal_of(house, unknown)).code
    old = await link_to(house)
    house.clock.advance(timedelta(minutes=11))
    assert "sign_in_expired" == (await refusal_of(house, house.trials.begin(old, browser=BROWSER))).code
    nobody = house.trials.start("nobody")
    assert "identity_provider_not_found" == (await refusal_of(house, nobody)).code


async def test_handle_of_a_sign_in_is_no_link_of_a_trial(house: House) -> None:
    """R-018: the page of a person's own sign-in cannot be turned into a trial."""
    handle = await house.choose()
    stolen = house.trials.begin(handle, browser=BROWSER)
    assert "trial_link_unknown" == (await refusal_of(house, stolen)).code
    assert isinstance(await try_out(house), Tried)


async def test_trial_comes_back_to_the_browser_that_began_it(house: House) -> None:
    """R-049: what the provider sends to another browser is not shown there."""
    state = state_of(await house.trials.begin(await link_to(house), browser=BROWSER))
    unverified = UnverifiedResponse({"state": state, "code": "ada"})
    stolen = house.federated.complete("acme", unverified, browser=Visitor(OTHER_BROWSER))
    assert "state_of_other_browser" == (await refusal_of(house, stolen)).code
    mine = await house.federated.complete("acme", unverified, browser=Visitor(BROWSER))
    assert isinstance(mine, Tried)


async def test_answer_that_comes_back_again_is_no_refusal_of_anybody(house: House) -> None:
    """R-020: an operator who loads the page of a trial anew is told so, and does not stand among the failures."""
    state = state_of(await house.trials.begin(await link_to(house), browser=BROWSER))
    unverified = UnverifiedResponse({"state": state, "code": "ada"})
    before = await house.snapshot()
    stolen = house.federated.complete("acme", unverified, browser=Visitor(OTHER_BROWSER))
    assert "state_of_other_browser" == (await refusal_of(house, stolen)).code
    elsewhere = house.federated.complete("beta", unverified, browser=Visitor(BROWSER))
    assert "callback_of_other_provider" == (await refusal_of(house, elsewhere)).code
    assert isinstance(await house.federated.complete("acme", unverified, browser=Visitor(BROWSER)), Tried)
    again = house.federated.complete("acme", unverified, browser=Visitor(BROWSER))
    assert "sign_in_moved_on" == (await refusal_of(house, again)).code
    assert kept_apart(before, "sign_ins") == kept_apart(await house.snapshot(), "sign_ins")


async def test_trial_of_a_provider_that_went_meanwhile_keeps_nothing(house: House) -> None:
    """R-021: the operator is told by name that it is gone; no outcome is kept of a trial, as of any other."""
    assert isinstance(await try_out(house), Tried)
    state = state_of(await house.trials.begin(await link_to(house), browser=BROWSER))
    await house.remove_provider()
    unverified = UnverifiedResponse({"state": state, "code": "ada"})
    back = house.federated.complete("acme", unverified, browser=Visitor(BROWSER))
    assert "identity_provider_unknown" == (await refusal_of(house, back)).code
