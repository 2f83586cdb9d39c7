"""One's own second factors: setting one up, taking one away, new recovery codes; and who may."""

from dataclasses import replace

import pyotp
import pytest
from tests.journeys.account.study import MINUTE, TOTP, Study, old, study_of_ada
from tests.journeys.sign_in.sign_in_house import ACME

from jitney.errors import Conflict
from jitney.model.audit_event import Action
from jitney.model.changes import EndSession, SaveIdentityProvider
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import FactorKind, TOTPSecret
from jitney.signin.factor_outcomes import Enrolled, Wrong
from jitney.signin.factor_page import EmailOffer, PasskeyOffer, TOTPOffer

pytestmark = pytest.mark.anyio


async def offered(study: Study, *, session: str = "here") -> str:
    """Return the secret that is offered."""
    offer = await study.factors.offer(await study.me(session), TOTP, network=None)
    assert isinstance(offer, TOTPOffer)
    return offer.secret


def code(study: Study, secret: str) -> str:
    return pyotp.TOTP(secret).at(study.clock.now())


async def enrolled(study: Study) -> Enrolled:
    """Set an app up, and sign in once more with it, as the session ``both``."""
    secret = await offered(study)
    done = await study.factors.confirm(await study.me(), TOTP, code(study, secret))
    assert isinstance(done, Enrolled)
    await study.sign_in("both", factor=TOTP)
    return done


async def test_app_is_set_up_by_a_code() -> None:
    """R-099: nothing is enrolled before a code proves that the secret has arrived; recovery codes come along."""
    study = await study_of_ada()
    secret = await offered(study)
    assert secret == await offered(study)
    wrong = await study.factors.confirm(await study.me(), TOTP, "000000")
    assert (Wrong("factor_code_wrong"), {}) == (wrong, study.state.factors)
    done = await study.factors.confirm(await study.me(), TOTP, code(study, secret))
    assert isinstance(done, Enrolled)
    (factor,) = study.state.factors.values()
    assert (TOTPSecret(secret), 10) == (factor.means, len(done.recovery_codes))
    assert study.state.users["u-ada"].has_second_factor
    assert Action.FACTOR_ENROLLED in study.actions
    mine = await study.factors.of(await study.me())
    assert (1, 10) == (len(mine.factors), mine.recovery_codes)


async def test_what_may_be_set_up_is_listed() -> None:
    """R-098: one app, one verified address, several passkeys; what is there already is not offered again."""
    study = await study_of_ada()
    before = await study.factors.of(await study.me())
    assert (FactorKind.PASSKEY, TOTP, FactorKind.EMAIL) == before.may_add
    await enrolled(study)
    after = await study.factors.of(await study.me())
    assert (FactorKind.PASSKEY, FactorKind.EMAIL) == after.may_add
    study = await study_of_ada(attributes={})
    assert (FactorKind.PASSKEY, TOTP) == (await study.factors.of(await study.me())).may_add


async def test_offer_is_for_this_session_alone() -> None:
    """R-099: a secret that one browser was offered is answered by no other; nor is another person's."""
    study = await study_of_ada()
    await study.sign_in("elsewhere")
    secret = await offered(study)
    assert await study.factors.offered(await study.me("elsewhere"), TOTP) is None
    strange = await study.factors.confirm(await study.me("elsewhere"), TOTP, code(study, secret))
    assert isinstance(strange, Wrong)
    assert {} == study.state.factors
    assert isinstance(await study.factors.confirm(await study.me(), TOTP, code(study, secret)), Enrolled)


@pytest.mark.parametrize("act", ["offer", "offered", "confirm", "remove", "codes"])
async def test_stale_sign_in_changes_no_factor(act: str) -> None:
    """R-099, R-101: six minutes after the sign-in, or with the first factor alone, nothing changes."""
    study = await study_of_ada()
    factor = (await enrolled(study)).factor
    await study.sign_in("old", factor=TOTP, authenticated_at=old(study))

    async def attempt(session: str) -> object:
        me = await study.me(session)
        match act:
            case "offer":
                return await study.factors.offer(me, FactorKind.PASSKEY, network=None)
            case "offered":
                return await study.factors.offered(me, FactorKind.PASSKEY)
            case "confirm":
                return await study.factors.confirm(me, FactorKind.PASSKEY, "{}")
            case "remove":
                return await study.factors.remove(me, factor.id)
            case _:
                return await study.factors.new_recovery_codes(me)

    await study.refuses(attempt("old"), because="sign_in_not_recent")
    await study.refuses(attempt("here"), because="second_factor_not_recent")
    await attempt("both")


async def test_factor_is_taken_away_with_a_fresh_proof() -> None:
    """R-101: with the last one the recovery codes go, and the account says that there is none."""
    study = await study_of_ada()
    factor = (await enrolled(study)).factor
    await study.factors.remove(await study.me("both"), factor.id)
    assert ({}, {}) == (study.state.factors, study.state.recovery_codes)
    assert not study.state.users["u-ada"].has_second_factor
    assert Action.FACTOR_REMOVED in study.actions


async def test_factor_of_somebody_else_is_none() -> None:
    """R-111: another person's looks exactly like one that there is not."""
    study = await study_of_ada()
    factor = (await enrolled(study)).factor
    await study.add_user("linus")
    await study.sign_in("linus", name="linus")
    for id_ in (factor.id, "nobody's"):
        await study.refuses(study.factors.remove(await study.me("linus"), id_), because="factor_not_found")
    await study.factors.remove(await study.me("both"), factor.id)
    assert {} == study.state.factors


async def test_new_recovery_codes_take_the_place_of_the_old() -> None:
    """R-101: ten new ones, of which no old one is; without a factor there are none."""
    study = await study_of_ada()
    await study.refuses(
        study.factors.new_recovery_codes(await study.me()), because="factor_not_enrolled"
    )  # fmt: skip
    first = (await enrolled(study)).recovery_codes
    new = (await study.factors.new_recovery_codes(await study.me("both"))).codes
    assert (10, 0) == (len(new), len(set(new) & set(first)))
    assert Action.RECOVERY_CODES_MADE in study.actions


async def test_provider_without_second_factors_offers_none() -> None:
    """jit.md 10: where the part is off for the provider somebody came through, nothing is offered or set up."""
    study = await study_of_ada()
    await study.commit(
        SaveIdentityProvider(replace(ACME, version=2, enhanced=EnhancedFeature(second_factors=False)))
    )
    me = await study.me()
    assert () == (await study.factors.of(me)).may_add
    await study.refuses(study.factors.offer(me, TOTP, network=None), because="second_factor_not_offered")
    await study.refuses(study.factors.confirm(me, TOTP, "123456"), because="second_factor_not_offered")
    await study.sign_in("by password", idp=None, subject=None)
    assert await offered(study, session="by password")


async def test_each_kind_is_offered_in_its_way() -> None:
    """R-097, R-098: an e-mail goes to the verified address, of which little is shown; a passkey gets a question."""
    study = await study_of_ada()
    me = await study.me()
    mailed = await study.factors.offer(me, FactorKind.EMAIL, network="192.0.2.1")
    assert isinstance(mailed, EmailOffer)
    assert "ada@acme.example" not in mailed.masked
    assert ["ada@acme.example"] == [mail.to for mail in study.state.outbox.values()]
    assert isinstance(await study.factors.offer(me, FactorKind.PASSKEY, network=None), PasskeyOffer)


@pytest.mark.parametrize("meddler", ["lock", "end the session"])
async def test_account_that_was_shut_meanwhile_gets_no_factor(meddler: str) -> None:
    """R-021, P-7: between the right code and the commit."""
    study = await study_of_ada()
    secret, me = await offered(study), await study.me()
    study.clock.advance(MINUTE)

    async def meddle() -> None:
        if meddler == "lock":
            await study.lock()
        else:
            await study.commit(EndSession("here", study.clock.now()))

    async def after_the_count() -> None:
        study.work.meanwhile = meddle

    study.work.meanwhile = after_the_count
    with pytest.raises(Conflict):
        await study.factors.confirm(me, TOTP, code(study, secret))
    assert ({}, False) == (study.state.factors, study.state.users["u-ada"].has_second_factor)
