"""Removal: one factor goes, the last one takes the recovery codes along; and new recovery codes."""

import pytest
from tests.journeys.factors.factor_house import MINUTE, FactorHouse

from jitney.errors import Conflict, NotAllowed, NotFound
from jitney.model.factor import FactorKind
from jitney.signin.factor_outcomes import Proven, Wrong

pytestmark = pytest.mark.anyio

RECOVERY = FactorKind.RECOVERY


async def remove(house: FactorHouse, factor_id: str, *, name: str = "ada") -> None:
    await house.work.commit(*await house.removal.removal(await house.user(name), factor_id))


async def test_one_of_two_goes_and_the_flag_and_the_codes_stay(house: FactorHouse) -> None:
    """R-101: what was removed proves no more; the rest does, and the owner hears of it."""
    factor, secret, codes = await house.enrol_app()
    await house.enrol_passkey()
    house.clock.advance(MINUTE)
    await remove(house, factor.id)
    assert [FactorKind.PASSKEY] == [each.kind for each in await house.factors.of_user("u-ada")]
    assert (True, 10) == (
        (await house.user()).has_second_factor, await house.factors.count_recovery_codes("u-ada")
    )  # fmt: skip
    assert Wrong("factor_not_enrolled") == await house.check(FactorKind.TOTP, house.app_code(secret))
    assert ("factor.removed", "totp", "") == (await house.events())[1]
    assert "A second step was removed at Acme" == (await house.letters())[-1].subject
    assert await house.proves(RECOVERY, codes[0])


async def test_last_one_takes_the_recovery_codes_along(house: FactorHouse) -> None:
    """R-011, R-101: without a factor there is no recovery code, and nothing is asked any more."""
    factor, _, codes = await house.enrol_app()
    await remove(house, factor.id)
    assert (False, 0, []) == (
        (await house.user()).has_second_factor, await house.factors.count_recovery_codes("u-ada"),
        list(await house.factors.of_user("u-ada")),
    )  # fmt: skip
    assert Wrong("factor_code_wrong") == await house.check(RECOVERY, codes[0])
    _, _, again = await house.enrol_app()
    assert await house.proves(RECOVERY, again[0])


async def test_factor_of_another_person_is_not_found(house: FactorHouse) -> None:
    """R-111: Eve cannot remove Ada's factor, and learns nothing; Ada can."""
    factor, _, _ = await house.enrol_app()
    await house.enrol_app("eve")
    before = await house.doors.snapshot()
    for id in (factor.id, "no-such"):  # noqa: A001
        with pytest.raises(NotFound) as refused:
            await house.removal.removal(await house.user("eve"), id)
        assert "factor_not_found" == refused.value.code
    assert before == await house.doors.snapshot()
    await remove(house, factor.id)


async def test_two_removals_at_once_leave_the_flag_right(house: FactorHouse) -> None:
    """R-021: of two tabs that each remove one of two factors, the second must look again."""
    factor, _, _ = await house.enrol_app()
    await house.enrol_passkey()
    passkey = (await house.factors.of_user("u-ada"))[1]
    user = await house.user()
    plans = [await house.removal.removal(user, each.id) for each in (factor, passkey)]
    await house.work.commit(*plans[0])
    with pytest.raises(Conflict):
        await house.work.commit(*plans[1])
    assert ((await house.user()).has_second_factor, 1) == (True, len(await house.factors.of_user("u-ada")))


async def test_removal_between_proof_and_commit_wins(house: FactorHouse) -> None:
    """P-7: a proof by a factor that is removed before its commit proves nothing."""
    factor, secret, _ = await house.enrol_app()
    house.clock.advance(MINUTE)
    proven = await house.check(FactorKind.TOTP, house.app_code(secret))
    assert isinstance(proven, Proven)
    await remove(house, factor.id)
    with pytest.raises(Conflict):
        await house.commit(proven)


async def test_new_recovery_codes_take_the_place_of_the_old(house: FactorHouse) -> None:
    """R-101: ten new ones hold and no earlier one does; who has no factor gets none."""
    _, _, old = await house.enrol_app()
    made = await house.removal.new_recovery_codes(await house.user())
    await house.work.commit(*made.changes)
    assert (10, set()) == (await house.factors.count_recovery_codes("u-ada"), set(old) & set(made.codes))
    assert ("recovery_codes.made", "recovery_code", "") == (await house.events())[0]
    assert not await house.proves(RECOVERY, old[0])
    assert await house.proves(RECOVERY, made.codes[0])
    assert made.codes[1] not in repr(made)
    with pytest.raises(NotAllowed) as refused:
        await house.removal.new_recovery_codes(await house.user("eve"))
    assert "factor_not_enrolled" == refused.value.code


async def test_new_codes_of_somebody_whose_last_factor_goes_are_not_kept(house: FactorHouse) -> None:
    """R-021: codes that were made beside a removal of the last factor would stand for nothing, and are refused."""
    factor, _, _ = await house.enrol_app()
    made = await house.removal.new_recovery_codes(await house.user())
    await remove(house, factor.id)
    with pytest.raises(Conflict) as lost:
        await house.work.commit(*made.changes)
    assert ("user", 0) == (lost.value.what, await house.factors.count_recovery_codes("u-ada"))
