"""A journey is sealed, bound to one browser, moves one step at a time, and ends."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.sign_in.sign_in_house import (
    ACME,
    BROWSER,
    HERE,
    OTHER_BROWSER,
    PASSWORD,
    REQUEST,
    House,
    ada,
    journey_of,
    refusal_of,
    state_of,
)

from jitney.errors import Expired, JitneyError, UpstreamRejected, UpstreamUnavailable
from jitney.model.changes import AddIdentityProvider, AddSignIn, SaveSignIn
from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import SignIn, Stage
from jitney.signin.journey import Arrived, Choose, Leave

pytestmark = pytest.mark.anyio


# ── R-017: one sealed transaction ───────────────────────────────────────────────────────────────────


async def test_journey_holds_what_later_steps_read(house: House) -> None:
    """R-017: handle and browser, hashed; the whole request; provider, nonce, verifier and version."""
    handle = await house.choose()
    state = state_of(await house.federated.begin(handle, "acme", browser=BROWSER))
    kept = await journey_of(house, state)
    assert (hash_secret(handle), hash_secret(BROWSER), REQUEST) == (
        kept.handle_hash,
        kept.browser_hash,
        kept.request,
    )
    assert kept.attempt is not None
    assert ("idp-acme", 1, "nonce", "verifier") == (
        kept.attempt.idp, kept.attempt.idp_version, kept.attempt.nonce, kept.attempt.code_verifier,
    )  # fmt: skip
    assert 43 == len(handle) == len(state)
    assert not {handle, state, BROWSER} & set(repr(kept).replace("'", " ").split())


async def test_what_the_answer_is_checked_against_comes_from_the_seal(house: House) -> None:
    """R-017: "Later steps read only from it": the attempt that upstream gets is the stored one, byte for byte."""
    state = await house.leave()
    sealed = (await journey_of(house, state)).attempt
    extra = {
        "state": state,
        "code": "ada",
        "nonce": "theirs",
        "code_verifier": "theirs",
        "redirect_uri": "theirs",
    }
    step = await house.federated.complete("acme", UnverifiedResponse(extra), browser=HERE)
    assert isinstance(step, Arrived)
    assert ([sealed], REQUEST) == (house.upstream.attempts, step.request)


async def test_callback_in_another_browser_is_refused_and_the_owner_still_comes_in(house: House) -> None:
    """R-017, R-049: an attacker's answer in a victim's browser (login CSRF) has no effect."""
    state = await house.leave()
    for browser in (OTHER_BROWSER, None):
        fault = await refusal_of(house, house.come_back(state, browser=browser))
        assert "state_of_other_browser" == fault.code
    assert 0 == house.upstream.completions
    assert isinstance(await house.come_back(state), Arrived)


async def test_handle_of_another_browser_opens_nothing(house: House) -> None:
    """R-017: a handle that was read over somebody's shoulder is worth nothing without the cookie."""
    handle = await house.choose()
    await house.add_local()
    calls = [
        house.federated.begin(handle, "acme", browser=OTHER_BROWSER),
        house.local.sign_in(handle, "grace", PASSWORD, browser=OTHER_BROWSER),
        house.arrival.choices(handle, browser=OTHER_BROWSER),
        house.arrival.again(handle, browser=OTHER_BROWSER),
    ]
    assert ["sign_in_expired"] * 4 == [(await refusal_of(house, call)).code for call in calls]
    assert isinstance(await house.federated.begin(handle, "acme", browser=BROWSER), Leave)


# ── R-018: one step at a time ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("missing", [{}, {"code": "ada"}, {"state": ""}, {"state": "x" * 43, "code": "ada"}])
async def test_callback_without_a_known_state_has_no_effect(house: House, missing: dict[str, str]) -> None:
    """R-018, R-049: an empty callback, one without state, and one with an unknown state change nothing."""
    state = await house.leave()
    fault = await refusal_of(
        house, house.federated.complete("acme", UnverifiedResponse(missing), browser=HERE)
    )
    assert "state_unknown" == fault.code
    assert isinstance(await house.come_back(state), Arrived)


async def test_callback_of_another_provider_has_no_effect(house: House) -> None:
    """R-018, R-050: an answer that arrives at another provider's address is refused before anything is spent."""
    state = await house.leave()
    fault = await refusal_of(house, house.come_back(state, provider="globex"))
    assert "callback_of_other_provider" == fault.code
    assert isinstance(await house.come_back(state), Arrived)


async def test_state_is_spent_once(house: House) -> None:
    """R-018, R-020: the reload and the back button get a fixed error; there is one session."""
    state = await house.leave()
    await house.come_back(state)
    for _ in range(2):
        assert "sign_in_moved_on" == (await refusal_of(house, house.come_back(state))).code
    assert (1, 1) == (house.upstream.completions, len((await house.snapshot())["sessions"]))


async def test_state_is_spent_before_the_answer_has_any_effect(house: House) -> None:
    """R-020, P-5: while upstream is still being asked, the same state is refused already."""
    seen: list[str] = []
    state = await house.leave()

    async def ask_again():
        seen.append((await refusal_of(house, house.come_back(state))).code)
        return ada()

    house.upstream.script["ada"] = ask_again
    assert isinstance(await house.come_back(state), Arrived)
    assert ["sign_in_moved_on"] == seen


async def test_of_fifty_callbacks_with_one_state_one_goes_on(sqlite_house: House) -> None:
    """R-018, R-020, P-5: a move is a compare-and-set which exactly one caller can win."""
    house = sqlite_house
    state = await house.leave()
    steps = await asyncio.gather(*(house.come_back(state) for _ in range(50)), return_exceptions=True)
    assert 1 == sum(isinstance(step, Arrived) for step in steps)
    assert {"sign_in_moved_on"} == {step.code for step in steps if isinstance(step, Expired)}
    assert 1 == house.upstream.completions


async def test_second_tab_cannot_move_a_journey_that_the_first_has_moved(house: House) -> None:
    """R-018: once the browser has left for a provider, the sign-in page of that journey does nothing any more."""
    handle = await house.choose()
    await house.add_local()
    state = state_of(await house.federated.begin(handle, "acme", browser=BROWSER))
    calls = [
        house.federated.begin(handle, "acme", browser=BROWSER),
        house.local.sign_in(handle, "grace", PASSWORD, browser=BROWSER),
        house.arrival.choices(handle, browser=BROWSER),
    ]
    assert ["sign_in_moved_on"] * 3 == [(await refusal_of(house, call)).code for call in calls]
    assert isinstance(await house.come_back(state), Arrived)


async def test_loser_of_two_tabs_that_leave_at_once_is_told(house: House) -> None:
    """R-018: two forms of one journey posted together; the one whose move comes second changes nothing."""
    handle = await house.choose()
    begin = house.upstream.begin

    async def meanwhile(request, *, state):  # the other tab is quicker
        house.upstream.begin = begin  # pyright: ignore[reportAttributeAccessIssue]
        await house.federated.begin(handle, "acme", browser=BROWSER)
        return await begin(request, state=state)

    house.upstream.begin = meanwhile  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(Expired) as told:
        await house.federated.begin(handle, "acme", browser=BROWSER)
    assert "sign_in_moved_on" == told.value.code


async def test_journey_begins_again_only_after_it_failed(house: House) -> None:
    """R-018: "try again" and "back to the application" lead around no step, and not back from the end."""
    handle = await house.choose()
    state = state_of(await house.federated.begin(handle, "acme", browser=BROWSER))
    for key in (handle, state):
        assert "sign_in_moved_on" == (await refusal_of(house, house.arrival.again(key, browser=BROWSER))).code
    await house.come_back(state)
    for key in (handle, state):
        assert "sign_in_moved_on" == (await refusal_of(house, house.arrival.again(key, browser=BROWSER))).code
    house.upstream.script["ada"] = UpstreamRejected("upstream_access_denied", "No.")
    failed = await house.leave()
    await house.come_back(failed)
    assert REQUEST == await house.arrival.give_up(failed, browser=BROWSER)
    assert isinstance(await house.arrival.again(failed, browser=BROWSER), Choose)


async def test_journey_without_an_application_offers_and_repeats_nothing(house: House) -> None:
    """R-024: a journey that nobody sent has no default application to fall through to."""
    now = house.clock.now()
    lost = SignIn(hash_secret("lost"), hash_secret(BROWSER), now, now + timedelta(minutes=5))
    await house.commit(AddSignIn(lost))
    calls = [
        (house.arrival.choices("lost", browser=BROWSER), "application_unknown"),
        (house.federated.begin("lost", "acme", browser=BROWSER), "identity_provider_not_offered"),
        (house.local.sign_in("lost", "grace", PASSWORD, browser=BROWSER), "sign_in_expired"),
    ]
    for call, code in calls:
        assert code == (await refusal_of(house, call)).code
    await house.commit(SaveSignIn(lost.refused()))
    assert "sign_in_expired" == (await refusal_of(house, house.arrival.again("lost", browser=BROWSER))).code


async def test_stored_state_without_a_trip_is_no_way_in(house: House) -> None:
    """R-024: a journey that claims a state but no trip is treated as unknown."""
    state = await house.leave()
    kept = await journey_of(house, state)

    class Forgetful:
        async def find(self, handle_hash: str) -> SignIn | None:
            return None

        async def find_by_state(self, state_hash: str) -> SignIn | None:
            return replace(kept, attempt=None)

    forgetful = replace(house.federated, sign_ins=Forgetful())
    answer = UnverifiedResponse({"state": state})
    assert (
        "state_unknown" == (await refusal_of(house, forgetful.complete("acme", answer, browser=BROWSER))).code
    )


async def test_hall_takes_nobody_whose_identity_is_not_proven(house: House) -> None:
    """R-024: the hall cannot be entered by a direct call without a proof."""
    kept = await journey_of(house, await house.leave())
    call = house.hall.advance(kept, connection=ACME.connection.fingerprint)
    assert "sign_in_moved_on" == (await refusal_of(house, call)).code


# ── R-023: journeys end ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("minutes", "arrives"), [(9.99, True), (10, False)])
async def test_way_back_from_the_provider_takes_ten_minutes_at_most(
    house: House, minutes: float, arrives: bool
) -> None:
    """R-023: "≤ 10 min to come back from the provider"; the last moment is still good."""
    state = await house.leave()
    house.clock.advance(timedelta(minutes=minutes))
    if arrives:
        assert isinstance(await house.come_back(state), Arrived)
    else:
        assert "sign_in_expired" == (await refusal_of(house, house.come_back(state))).code


@pytest.mark.parametrize(("minutes", "leaves"), [(29.99, True), (30, False)])
async def test_page_waits_thirty_minutes_at_most(house: House, minutes: float, leaves: bool) -> None:
    """R-023: "≤ 30 min on a prompt page"; the last moment is still good."""
    handle = await house.choose()
    house.clock.advance(timedelta(minutes=minutes))
    call = house.federated.begin(handle, "acme", browser=BROWSER)
    if leaves:
        assert isinstance(await call, Leave)
    else:
        assert "sign_in_expired" == (await refusal_of(house, call)).code


async def test_browser_holds_ten_journeys_and_the_oldest_goes(house: House) -> None:
    """R-023: "a browser may hold ≤ 10"; the eleventh takes the place of the first, and no other browser's."""
    theirs = await house.choose(browser=OTHER_BROWSER)
    handles = []
    for _ in range(11):
        house.clock.advance(timedelta(seconds=1))
        handles.append(await house.choose())
    assert 11 == len((await house.snapshot())["sign_ins"])
    assert (
        "sign_in_expired"
        == (await refusal_of(house, house.arrival.choices(handles[0], browser=BROWSER))).code
    )
    await house.arrival.choices(handles[1], browser=BROWSER)
    await house.arrival.choices(theirs, browser=OTHER_BROWSER)


# ── arriving and leaving ────────────────────────────────────────────────────────────────────────────


async def test_only_way_is_taken_without_asking(house: House) -> None:
    """R-017: one provider and no local sign-in: the journey is stored and leaves in one move."""
    await house.change_application(local_sign_in=False)
    step = await house.arrival.arrive(REQUEST, session_token=None, browser=BROWSER)
    kept = await journey_of(house, state_of(step))
    assert (Stage.UPSTREAM, 1) == (kept.stage, kept.version)
    assert isinstance(await house.come_back(state_of(step)), Arrived)


async def test_choices_are_those_of_the_application(house: House) -> None:
    """R-021: the page offers enabled providers which the application takes, and no other can be chosen."""
    globex = replace(await house.provider(), id="idp-globex", name="globex", display_name="Globex")
    off = replace(globex, id="idp-off", name="off", enabled=False)
    await house.commit(AddIdentityProvider(globex), AddIdentityProvider(off))
    every = await house.arrival.choices(await house.choose(), browser=BROWSER)
    assert ["acme", "globex"] == [option.name for option in every.options]
    await house.change_application(identity_providers=("globex", "off", "gone"), local_sign_in=True)
    handle = await house.choose()
    some = await house.arrival.choices(handle, browser=BROWSER)
    assert (["globex"], True) == ([option.name for option in some.options], some.local)
    for name in ("acme", "off", "gone"):
        fault = await refusal_of(house, house.federated.begin(handle, name, browser=BROWSER))
        assert "identity_provider_not_offered" == fault.code
    assert isinstance(await house.federated.begin(handle, "globex", browser=BROWSER), Leave)


@pytest.mark.parametrize("first_move", [True, False])
async def test_provider_that_does_not_answer_keeps_nobody_from_another_try(
    house: House, first_move: bool
) -> None:
    """P-11: when the trip cannot begin nothing is stored or moved, and the same page works a minute later."""
    await house.change_application(local_sign_in=not first_move)
    house.upstream.on_departure = UpstreamUnavailable("discovery_failed", "Later.")
    handle = "" if first_move else await house.choose()

    async def go() -> object:
        if first_move:
            return await house.arrival.arrive(REQUEST, session_token=None, browser=BROWSER)
        return await house.federated.begin(handle, "acme", browser=BROWSER)

    assert "discovery_failed" == (await refusal_of(house, go())).code
    house.upstream.on_departure = None
    assert isinstance(await go(), Leave)


async def test_application_that_is_gone_or_off_begins_nothing(house: House) -> None:
    """R-021: nobody signs in for an application that is unknown or switched off."""
    unknown = replace(REQUEST, application="gone")
    for request in (unknown, REQUEST):
        call = house.arrival.arrive(request, session_token=None, browser=BROWSER)
        fault: JitneyError = await refusal_of(house, call)
        assert "application_unknown" == fault.code
        await house.change_application(enabled=False)
    await house.change_application(enabled=True)
    await house.choose()
