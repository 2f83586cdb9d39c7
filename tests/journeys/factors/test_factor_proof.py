"""Proofs by an app, a passkey and a recovery code: each once, for one person, on one page."""

import pytest
from tests.journeys.factors.factor_house import HERE, MINUTE, OTHER_PAGE, PAGE, FactorHouse
from tests.unit.factors.software_authenticator import SoftwareAuthenticator

from jitney.errors import Conflict
from jitney.model.attempts import AttemptKind
from jitney.model.changes import SetUserState
from jitney.model.factor import FactorKind
from jitney.model.user import Lock, UserState
from jitney.signin.factor_outcomes import Proven, Wrong, wrong_after
from jitney.signin.factor_page import PasskeyOffer
from jitney.signin.factor_proof import Ways

pytestmark = pytest.mark.anyio

TOTP, PASSKEY, RECOVERY = FactorKind.TOTP, FactorKind.PASSKEY, FactorKind.RECOVERY


async def challenge(house: FactorHouse, *, name: str = "ada", page: str = PAGE) -> str:
    offer = await house.proof.ask(f"u-{name}", bound_to=page, kind=PASSKEY, network=HERE)
    assert isinstance(offer, PasskeyOffer)
    return offer.options


# ── apps ────────────────────────────────────────────────────────────────────────────────────────────


async def test_app_proves_once_for_each_step(house: FactorHouse) -> None:
    """R-095: a code proves; the same, and the one before it, prove never again; the next one does."""
    _, secret, _ = await house.enrol_app()
    house.clock.advance(MINUTE)
    before, code = house.app_code(secret, steps=-1), house.app_code(secret)
    assert await house.proves(TOTP, code)
    assert [Wrong("factor_code_used")] * 2 == [await house.check(TOTP, each) for each in (code, before)]
    assert await house.proves(TOTP, house.app_code(secret, steps=1))
    assert 2 == await house.tries(AttemptKind.TOTP)


async def test_code_that_enrolled_proves_nothing(house: FactorHouse) -> None:
    """R-095: the code with which an app was enrolled is used; the next one is not."""
    _, secret, _ = await house.enrol_app()
    assert Wrong("factor_code_used") == await house.check(TOTP, house.app_code(secret))
    assert await house.proves(TOTP, house.app_code(secret, steps=1))


@pytest.mark.parametrize("typed", ["", "000000", "x", "１２３４５６", "1" * 10_000, "\ud800", "{0} {0}"])
async def test_wrong_codes_of_apps_change_nothing_but_the_count(house: FactorHouse, typed: str) -> None:
    """R-096, R-128: a wrong code is counted and audited, the factor stays as it is, and a right one proves."""
    factor, secret, _ = await house.enrol_app()
    house.clock.advance(MINUTE)
    assert Wrong("factor_code_wrong") == await house.check(TOTP, typed.format(house.app_code(secret)))
    assert ([factor], 1) == (list(await house.factors.of_user("u-ada")), await house.tries(AttemptKind.TOTP))
    assert ("factor.refused", "totp", "factor_code_wrong") == (await house.events())[0]
    assert await house.proves(TOTP, house.app_code(secret))
    assert ("factor.proven", "totp", "") == (await house.events())[0]


async def test_too_many_wrong_codes_hide_a_right_one(house: FactorHouse) -> None:
    """R-096, R-109: after five wrong codes a right one looks wrong too, and a quarter of an hour later proves."""
    _, secret, _ = await house.enrol_app()
    house.clock.advance(MINUTE)
    wrong = [await house.check(TOTP, f"{n:06}") for n in range(5)]
    late = await house.check(TOTP, house.app_code(secret))
    assert ([Wrong("factor_code_wrong")] * 5, Wrong("too_many_attempts")) == (wrong, late)
    assert {"factor_code_wrong"} == {each.shown for each in (*wrong, late) if isinstance(each, Wrong)}
    assert ("factor.refused", "totp", "too_many_attempts") == (await house.events())[0]
    house.clock.advance(15 * MINUTE)
    assert await house.proves(TOTP, house.app_code(secret))


async def test_right_codes_are_given_back(house: FactorHouse) -> None:
    """R-096: somebody who signs in ten times within a quarter of an hour is not locked out."""
    _, secret, _ = await house.enrol_app()
    for _ in range(10):
        house.clock.advance(MINUTE)
        assert await house.proves(TOTP, house.app_code(secret))
    assert 0 == await house.tries(AttemptKind.TOTP)


async def test_code_of_another_person_proves_nothing(house: FactorHouse) -> None:
    """R-113: Eve's code is wrong for Ada and right for Eve; who has no app proves nothing with one."""
    await house.enrol_app()
    _, hers, _ = await house.enrol_app("eve")
    house.clock.advance(MINUTE)
    assert Wrong("factor_code_wrong") == await house.check(TOTP, house.app_code(hers))
    assert await house.proves(TOTP, house.app_code(hers), name="eve")
    assert Wrong("factor_not_enrolled") == await house.check(PASSKEY, "{}")


async def test_lock_between_proof_and_commit_wins(house: FactorHouse) -> None:
    """R-048, R-021: somebody who is locked after their right answer does not come in by it."""
    _, secret, _ = await house.enrol_app()
    house.clock.advance(MINUTE)
    proven = await house.check(TOTP, house.app_code(secret))
    assert isinstance(proven, Proven)
    user = await house.user()
    await house.work.commit(SetUserState(user.id, user.version, UserState.ACTIVE, Lock("lost", house.now())))
    with pytest.raises(Conflict) as lost:
        await house.commit(proven)
    assert ("user", None) == (lost.value.what, wrong_after(lost.value))
    assert 1 == await house.tries(AttemptKind.TOTP)


# ── passkeys ────────────────────────────────────────────────────────────────────────────────────────


async def test_passkey_proves_and_its_counter_goes_on(house: FactorHouse) -> None:
    """A passkey proves as often as it is asked; its counter and the moment are kept."""
    key = await house.enrol_passkey()
    for count in (1, 2):
        assert await house.proves(PASSKEY, key.get(await challenge(house)))
        (factor,) = await house.factors.of_user("u-ada")
        assert (count, house.now(), "key") == (factor.counter, factor.last_used, factor.label)
    assert 0 == await house.tries(AttemptKind.PASSKEY)


async def test_passkey_that_does_not_count_proves_again(house: FactorHouse) -> None:
    """An authenticator that always says 0 proves as often as it is asked."""
    key = await house.enrol_passkey(counts=False)
    for _ in range(2):
        assert await house.proves(PASSKEY, key.get(await challenge(house)))


async def test_answer_of_a_passkey_holds_once_on_its_page(house: FactorHouse) -> None:
    """R-020, P-5: an answer is spent with its effect, and holds on no other page and for nobody else."""
    key, _ = await house.enrol_passkey(), await house.enrol_passkey("eve", credential_id=b"eve")
    answer = key.get(await challenge(house))
    await challenge(house, page=OTHER_PAGE)
    await challenge(house, name="eve", page="page-3")
    assert Wrong("factor_code_wrong") == await house.check(PASSKEY, answer, page=OTHER_PAGE)
    assert Wrong("factor_code_wrong") == await house.check(PASSKEY, answer, name="eve", page="page-3")
    assert Wrong("factor_code_expired") == await house.check(PASSKEY, answer, name="eve")
    assert await house.proves(PASSKEY, answer)
    assert Wrong("factor_code_expired") == await house.check(PASSKEY, answer)


async def test_challenge_ends_after_five_minutes(house: FactorHouse) -> None:
    """R-097: an answer after five minutes is too late; to a new challenge it is not."""
    key = await house.enrol_passkey()
    first = await challenge(house)
    assert first == await challenge(house)
    house.clock.advance(5 * MINUTE)
    assert await house.proof.asked("u-ada", bound_to=PAGE, kind=PASSKEY) is None
    assert Wrong("factor_code_expired") == await house.check(PASSKEY, key.get(first))
    again = await challenge(house)
    assert first != again
    assert await house.proves(PASSKEY, key.get(again))


@pytest.mark.parametrize(
    "lie",
    [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"flags": 0}, {"counter": 0}],
    ids=repr,
)
async def test_lies_of_passkeys_are_wrong(house: FactorHouse, lie: dict[str, object]) -> None:
    """R-128: a lie is counted and refused, and the honest answer after it proves."""
    key = await house.enrol_passkey()
    assert await house.proves(PASSKEY, key.get(await challenge(house)))
    asked = await challenge(house)
    assert Wrong("factor_code_wrong") == await house.check(PASSKEY, key.get(asked, **lie))
    assert 1 == await house.tries(AttemptKind.PASSKEY)
    assert await house.proves(PASSKEY, key.get(asked))


async def test_one_of_several_passkeys_proves(house: FactorHouse) -> None:
    """Any of a user's passkeys answers the same challenge, and its own counter goes on."""
    await house.enrol_passkey()
    spare = await house.enrol_passkey(credential_id=b"spare")
    assert await house.proves(PASSKEY, spare.get(await challenge(house)))
    assert [0, 1] == [each.counter for each in await house.factors.of_user("u-ada")]
    unknown = SoftwareAuthenticator(credential_id=b"unknown")
    assert Wrong("factor_code_wrong") == await house.check(PASSKEY, unknown.get(await challenge(house)))


# ── recovery codes ──────────────────────────────────────────────────────────────────────────────────


async def test_recovery_code_proves_once(house: FactorHouse) -> None:
    """R-101: each of ten codes proves once, as shown or as typed; the others stay."""
    _, _, codes = await house.enrol_app()
    assert 10 == len(codes)
    assert await house.proves(RECOVERY, codes[3])
    assert Wrong("factor_code_wrong") == await house.check(RECOVERY, codes[3])
    assert await house.proves(RECOVERY, codes[4].upper().replace("-", " "))
    assert 8 == await house.factors.count_recovery_codes("u-ada")
    assert ("recovery_code.used", "recovery_code", "") == (await house.events())[0]


async def test_recovery_code_of_two_browsers_proves_one(house: FactorHouse) -> None:
    """R-101, P-5: of two who type the same code at once, one comes in."""
    _, _, codes = await house.enrol_app()
    first, second = [await house.check(RECOVERY, codes[0], page=page) for page in (PAGE, OTHER_PAGE)]
    assert isinstance(first, Proven) and isinstance(second, Proven)  # noqa: PT018
    await house.commit(first)
    with pytest.raises(Conflict) as lost:
        await house.commit(second)
    assert Wrong("factor_code_used") == wrong_after(lost.value)
    assert 9 == await house.factors.count_recovery_codes("u-ada")


async def test_recovery_code_of_another_person_proves_nothing(house: FactorHouse) -> None:
    """R-101, R-113: Eve's recovery code is wrong for Ada, and still right for Eve."""
    await house.enrol_app()
    _, _, hers = await house.enrol_app("eve")
    assert Wrong("factor_code_wrong") == await house.check(RECOVERY, hers[0])
    assert await house.proves(RECOVERY, hers[0], name="eve")


async def test_recovery_codes_are_guessed_five_times(house: FactorHouse) -> None:
    """R-096: recovery codes have a budget of their own, which leaves the app's alone."""
    _, secret, codes = await house.enrol_app()
    house.clock.advance(MINUTE)
    for typed in ("", "x", "aaaa-aaaa-aaaa-aaaa", "\ud800", "a" * 10_000):
        assert Wrong("factor_code_wrong") == await house.check(RECOVERY, typed)
    assert Wrong("too_many_attempts") == await house.check(RECOVERY, codes[0])
    assert 10 == await house.factors.count_recovery_codes("u-ada")
    assert await house.proves(TOTP, house.app_code(secret))


# ── what is there, and what is asked ────────────────────────────────────────────────────────────────


async def test_ways_are_what_was_enrolled(house: FactorHouse) -> None:
    """Each kind is listed once, and recovery codes beside them."""
    assert Ways((), has_recovery_codes=False) == await house.proof.ways("u-ada")
    await house.enrol_app()
    await house.enrol_passkey()
    await house.enrol_passkey(credential_id=b"spare")
    assert Ways((TOTP, PASSKEY), has_recovery_codes=True) == await house.proof.ways("u-ada")


async def test_only_what_is_enrolled_is_asked(house: FactorHouse) -> None:
    """An app and a recovery code need no question; what is not enrolled is not asked, and nothing is kept."""
    await house.enrol_app()
    for kind in (TOTP, RECOVERY):
        assert await house.proof.ask("u-ada", bound_to=PAGE, kind=kind, network=HERE) is None
    before = await house.doors.snapshot()
    for kind in (PASSKEY, FactorKind.EMAIL):
        assert Wrong("factor_not_enrolled") == await house.proof.ask(
            "u-ada", bound_to=PAGE, kind=kind, network=HERE
        )
    assert before == await house.doors.snapshot()


async def test_looking_changes_nothing(house: FactorHouse) -> None:
    """R-104: what stands asked can be looked at as often as one likes."""
    await house.enrol_passkey()
    asked = await challenge(house)
    before = await house.doors.snapshot()
    for _ in range(2):
        assert PasskeyOffer(asked) == await house.proof.asked("u-ada", bound_to=PAGE, kind=PASSKEY)
        assert await house.proof.asked("u-ada", bound_to=OTHER_PAGE, kind=PASSKEY) is None
        assert await house.proof.asked("u-eve", bound_to=PAGE, kind=PASSKEY) is None
    assert before == await house.doors.snapshot()
