"""An operator tries an application for real: as it would ask, through one of its providers, keeping nothing."""

from dataclasses import replace
from typing import Any

import pytest
from tests.journeys.sign_in.sign_in_house import (
    BROWSER,
    OTHER_BROWSER,
    PASSWORD,
    REQUEST,
    House,
    ada,
    journey_of,
    kept_apart,
    refusal_of,
    state_of,
)

from jitney.errors import Expired, InvalidInput, UpstreamRejected
from jitney.model.changes import RemoveApplication
from jitney.model.diagnosis import Finding
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import REFEDS_MFA, FactorKind
from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.sign_in_policy import Effect, PolicyRule, SignInPolicy
from jitney.provisioning.decision import PassThrough, Provision
from jitney.signin.application_trial import TriedApplication
from jitney.signin.journey import Arrived, Tried
from jitney.signin.journeys_in_browsers import Visitor
from jitney.signin.provider_trial import NO_WISHES, TrialAhead
from jitney.signin.trial_request import Wishes

pytestmark = pytest.mark.anyio


async def link_to(house: House, wishes: Wishes = NO_WISHES) -> str:
    link = await house.trials.start_for("shop", "acme", wishes)
    return link.address.removeprefix("https://id.example/trial?k=")


async def come_back(house: House, state: str, *, code: str = "ada", network: str | None = None) -> Tried:
    unverified = UnverifiedResponse({"state": state, "code": code})
    step = await house.federated.complete("acme", unverified, browser=Visitor(BROWSER, network=network))
    assert isinstance(step, Tried), step
    return step


async def try_out(
    house: House, wishes: Wishes = NO_WISHES, *, code: str = "ada", network: str | None = None
) -> Tried:
    step = await house.trials.begin(await link_to(house, wishes), browser=BROWSER)
    return await come_back(house, state_of(step), code=code, network=network)


def towards(tried: Tried) -> TriedApplication:
    assert tried.towards is not None, tried
    return tried.towards


def found(tried: Tried) -> dict[str, Any]:
    """Every step by its name: what was found, and the reason."""
    return {step.name: (step.finding, step.code) for step in towards(tried).steps}


async def test_whole_way_is_shown_and_nothing_of_it_kept(house: House) -> None:
    """Issue 7, R-027: decision, factor and claims are told; no user, session, code or outcome exists after."""
    before = await house.snapshot()
    assert TrialAhead("Acme", "Shop") == await house.trials.look(await link_to(house))
    tried = await try_out(house)
    assert ada() == tried.identity
    assert tried.rehearsed is not None
    assert isinstance(tried.rehearsed.decision, Provision)
    good = (Finding.GOOD, None)
    assert dict.fromkeys(("application", "way", "provisioning", "second_factor"), good) == found(tried)
    assert towards(tried).comes_in
    assert {"openid", "profile", "roles"} < set(towards(tried).told)
    assert kept_apart(before, "sign_ins") == kept_apart(await house.snapshot(), "sign_ins")


async def test_provider_is_asked_as_the_application_would_ask(house: House) -> None:
    """Issue 7: prompt, classes and hint reach the provider as in a request, which has no address to lead to."""
    wishes = Wishes("login", "urn:one  urn:two", login_hint=" ada@acme.example ")
    step = await house.trials.begin(await link_to(house, wishes), browser=BROWSER)
    asked = house.upstream.departures[-1]
    assert asked is not None
    assert ("shop", "", ("login",), "urn:one urn:two", "ada@acme.example") == (
        asked.application, asked.redirect_uri, asked.prompt, asked.acr_values, asked.login_hint,
    )  # fmt: skip
    away = await journey_of(house, state_of(step))
    assert (None, replace(asked, login_hint=None)) == (away.request, away.trial_for)
    await house.trials.begin((await house.trials.start("acme")).address.partition("k=")[2], browser=BROWSER)
    assert house.upstream.departures[-1] is None


async def test_wishes_that_no_application_could_have_are_refused(house: House) -> None:
    """Issue 7: what could not be asked is told at its field, and no link is made; what could be begins one."""
    for wishes, at in (
        (Wishes("none"), "prompt"),
        (Wishes("consent"), "prompt"),
        (Wishes(acr_values="x" * 513), "acr_values"),
        (Wishes(acr_values="a\nb"), "acr_values"),
        (Wishes(insists=True), "acr_values"),
        (Wishes(login_hint="a" * 321), "login_hint"),
        (Wishes(login_hint="a\u202eb"), "login_hint"),
    ):
        fault = await refusal_of(house, house.trials.start_for("shop", "acme", wishes))
        assert isinstance(fault, InvalidInput)
        assert ("form_invalid", {at}) == (fault.code, set(fault.fields))
    assert await link_to(house, Wishes("select_account", "x" * 512, login_hint="a" * 320))


async def test_link_is_for_what_there_is(house: House) -> None:
    """Issue 7: an application or a provider that is not there has no link, and what went meanwhile no trial."""
    unknown = house.trials.start_for("nobody", "acme")
    assert "application_not_found" == (await refusal_of(house, unknown)).code
    unknown = house.trials.start_for("shop", "nobody")
    assert "identity_provider_not_found" == (await refusal_of(house, unknown)).code
    key = await link_to(house)
    state = state_of(await house.trials.begin(await link_to(house), browser=BROWSER))
    shop = await house.doors.applications.find("shop")
    assert shop is not None
    await house.commit(RemoveApplication("shop", shop.version))
    gone = await come_back(house, state)
    assert gone.fault is not None
    assert ("application_not_found", None, None) == (gone.fault.code, gone.identity, gone.towards)
    assert "application_not_found" == (await refusal_of(house, house.trials.look(key))).code


async def test_what_is_switched_off_or_not_offered_is_told_in_words(house: House) -> None:
    """Issue 7: application off, provider off or not offered: each is a bad step, and nobody would come in."""
    assert towards(await try_out(house)).comes_in
    for changed, step, code in (
        ({"enabled": False}, "application", "application_disabled"),
        ({"enabled": True, "identity_providers": ("other",)}, "way", "identity_provider_not_offered"),
    ):
        await house.change_application(**changed)
        tried = await try_out(house)
        assert (Finding.BAD, code) == found(tried)[step]
        assert (Finding.GOOD, None) == found(tried)["provisioning"]
        assert (False, {}, {}) == (towards(tried).comes_in, towards(tried).told, towards(tried).stated)
    await house.change_application(identity_providers=())
    await house.change_provider(enabled=False)
    off = await try_out(house)
    assert (Finding.BAD, "identity_provider_disabled") == found(off)["way"]
    assert (Finding.GOOD, None) == found(off)["provisioning"]


async def test_policy_is_asked_with_the_browser_from_which_one_came_back(house: House) -> None:
    """Issue 7: a condition on the network counts for the browser that is there, as in a real sign-in."""
    rule = PolicyRule(Effect.REFUSE, outside_networks=("10.0.0.0/8",))
    await house.change_application(sign_in_policy=SignInPolicy((rule,)))
    outside = await try_out(house, network="192.0.2.1")
    assert (Finding.BAD, "refused_by_sign_in_policy") == found(outside)["second_factor"]
    assert towards(await try_out(house, network="10.1.2.3")).comes_in


async def test_factor_that_would_be_owed_and_what_the_token_would_say_are_told(house: House) -> None:
    """Issue 7: a class that the application wishes or insists on asks for a factor, as its policy does."""
    house.upstream.script["acr"] = replace(ada(), amr=("pwd", "mfa"), acr="urn:acme:gold")
    plain = await try_out(house, code="acr")
    assert {"acr": "urn:acme:gold", "amr": ["pwd"]} == towards(plain).stated
    await house.change_provider(enhanced=EnhancedFeature(second_factors=True))
    for wishes in (Wishes(acr_values=REFEDS_MFA), Wishes(acr_values=REFEDS_MFA, insists=True)):
        owed = await try_out(house, wishes, code="acr")
        assert (Finding.DOUBTFUL, "second_factor_asked_for") == found(owed)["second_factor"]
        assert {"acr": REFEDS_MFA} == towards(owed).stated
    rule = PolicyRule(Effect.FACTOR, factors=(FactorKind.TOTP,))
    await house.change_application(sign_in_policy=SignInPolicy((rule,)))
    by_policy = await try_out(house, code="acr")
    assert (Finding.DOUBTFUL, "second_factor_by_application") == found(by_policy)["second_factor"]
    assert {"acr": REFEDS_MFA, "amr": ["pwd", "otp", "mfa"]} == towards(by_policy).stated


async def test_what_an_application_requires_is_asked_for_in_the_decision(house: House) -> None:
    """Issue 7: the application's own demands are facts of the decision, which a trial without it does not have."""
    await house.change_policy(enabled=False)
    await house.change_application(requires_local_account=True)
    tried = await try_out(house)
    assert (Finding.BAD, Finding.GOOD) == (found(tried)["provisioning"][0], found(tried)["way"][0])
    alone = (await house.trials.start("acme")).address.partition("k=")[2]
    by_itself = await come_back(house, state_of(await house.trials.begin(alone, browser=BROWSER)))
    assert by_itself.rehearsed is not None
    assert isinstance(by_itself.rehearsed.decision, PassThrough)
    assert by_itself.towards is None


async def test_refused_answer_is_a_bad_step_of_the_application(house: House) -> None:
    """R-024: what cannot be verified lets nobody in, and nothing is decided or told of it."""
    house.upstream.script["bad"] = UpstreamRejected("id_token_nonce_differs", "No.")
    tried = await try_out(house, code="bad")
    assert (Finding.BAD, "id_token_nonce_differs") == found(tried)["provisioning"]
    assert (False, {}, None) == (towards(tried).comes_in, towards(tried).told, tried.identity)
    assert towards(await try_out(house)).comes_in


async def test_nothing_of_a_trial_opens_a_sign_in(house: House) -> None:
    """R-018: the attack: the key of a trial, or the state of one, is taken to a real entrance to get a session.

    It knows no request there, at no stage; that of a sign-in that was refused is answered as ever.
    """
    key = await link_to(house)
    state = state_of(await house.trials.begin(await link_to(house), browser=BROWSER))
    await come_back(house, over := state_of(await house.trials.begin(await link_to(house), browser=BROWSER)))
    for handle in (key, state, over):
        for entrance in (
            house.arrival.again(handle, browser=BROWSER),
            house.arrival.give_up(handle, browser=BROWSER),
            house.arrival.choices(handle, browser=BROWSER),
            house.federated.begin(handle, "acme", browser=BROWSER),
            house.discovery.find(handle, "ada@acme.example", browser=BROWSER),
            house.local.sign_in(handle, "grace", PASSWORD, browser=BROWSER),
        ):
            assert isinstance(await refusal_of(house, entrance), Expired)
    house.upstream.script["bad"] = UpstreamRejected("id_token_nonce_differs", "No.")
    refused = await house.leave()
    await house.come_back(refused, code="bad")
    assert REQUEST == await house.arrival.give_up(refused, browser=BROWSER)


async def test_key_works_for_the_browser_that_began_and_a_sign_in_stays_one(house: House) -> None:
    """R-049, R-018: an answer in another browser shows nothing, and the page of a sign-in begins no trial."""
    state = state_of(await house.trials.begin(key := await link_to(house), browser=BROWSER))
    stolen = house.federated.complete(
        "acme", UnverifiedResponse({"state": state, "code": "ada"}), browser=Visitor(OTHER_BROWSER)
    )
    assert "state_of_other_browser" == (await refusal_of(house, stolen)).code
    again = house.trials.begin(key, browser=BROWSER)
    assert "sign_in_moved_on" == (await refusal_of(house, again)).code
    handle = await house.choose()
    for call in (house.trials.begin(handle, browser=BROWSER), house.trials.look(handle)):
        assert "trial_link_unknown" == (await refusal_of(house, call)).code
    assert towards(await come_back(house, state)).comes_in
    assert isinstance(await house.sign_in(), Arrived)


async def test_trial_for_an_application_is_the_same_in_a_database(sqlite_house: House) -> None:
    """R-018: a trial rests where requests rest, and is read as none; nothing but the journey is kept."""
    house = sqlite_house
    before = await house.snapshot()
    step = await house.trials.begin(await link_to(house, Wishes("login")), browser=BROWSER)
    away = await journey_of(house, state_of(step))
    assert (None, ("login",)) == (away.request, away.trial_for and away.trial_for.prompt)
    assert towards(await come_back(house, state_of(step))).comes_in
    give_up = house.arrival.give_up(state_of(step), browser=BROWSER)
    assert "sign_in_expired" == (await refusal_of(house, give_up)).code
    assert kept_apart(before, "sign_ins") == kept_apart(await house.snapshot(), "sign_ins")
