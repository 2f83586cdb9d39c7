"""Enrolment: shown, confirmed by an answer, and then there, with recovery codes and a letter."""

from dataclasses import replace

import pytest
from pyotp import parse_uri
from tests.journeys.factors.factor_house import HERE, MINUTE, OTHER_PAGE, PAGE, FactorHouse, person
from tests.unit.factors.independent_app import code_at
from tests.unit.factors.software_authenticator import SoftwareAuthenticator

from jitney.errors import Conflict
from jitney.model.attempts import AttemptKind
from jitney.model.changes import ChangeUser, SetUserState
from jitney.model.factor import EmailAddress, FactorKind, Passkey, TOTPSecret
from jitney.model.user import BY_THE_PERSON, AttributeValue, Lock, UserChanges, UserState
from jitney.signin.factor_outcomes import Enrolled, Wrong, wrong_after
from jitney.signin.factor_page import EmailOffer, Offer, PasskeyOffer, TOTPOffer

pytestmark = pytest.mark.anyio

TOTP, EMAIL, PASSKEY = FactorKind.TOTP, FactorKind.EMAIL, FactorKind.PASSKEY


async def offer(
    house: FactorHouse, kind: FactorKind, *, page: str = PAGE, name: str = "ada"
) -> Offer | Wrong:
    return await house.enrolment.offer(await house.user(name), bound_to=page, kind=kind, network=HERE)


async def confirm(
    house: FactorHouse, kind: FactorKind, answer: str, *, page: str = PAGE, name: str = "ada"
) -> Enrolled | Wrong:
    user = await house.user(name)
    return await house.enrolment.confirm(
        user, bound_to=page, kind=kind, answer=answer, label="My\nkey\u202e " + "x" * 500, reference="REF1"
    )


async def offered_app(house: FactorHouse) -> TOTPOffer:
    offered = await offer(house, TOTP)
    assert isinstance(offered, TOTPOffer)
    return offered


# ── apps ────────────────────────────────────────────────────────────────────────────────────────────


async def test_app_is_enrolled_by_a_code_of_its_own(house: FactorHouse) -> None:
    """R-095, R-099: an independent app that was given the secret enrols itself with its first code."""
    offered = await offered_app(house)
    code = code_at(house.now(), offered.secret)
    enrolled = await confirm(house, TOTP, code)
    assert isinstance(enrolled, Enrolled)
    assert [] == list(await house.factors.of_user("u-ada"))
    await house.commit(enrolled)
    (factor,) = await house.factors.of_user("u-ada")
    assert (TOTPSecret(offered.secret), "", TOTP) == (factor.means, factor.label, enrolled.kind)
    assert int(house.now().timestamp()) // 30 == factor.counter
    assert (await house.user()).has_second_factor
    assert ("factor.enrolled", "totp", "") == (await house.events())[0]


async def test_picture_and_address_carry_the_secret(house: FactorHouse) -> None:
    """The otpauth address names us and the person, and holds the secret that is shown."""
    offered = await offered_app(house)
    read = parse_uri(offered.uri)
    assert (offered.secret, "Acme", "ada@acme.example") == (read.secret, read.issuer, read.name)
    assert offered.svg.startswith('<svg role="img"')
    assert offered.secret not in repr(offered)


async def test_page_that_is_loaded_again_shows_the_same_secret(house: FactorHouse) -> None:
    """R-099: a second tab and a reload show the same secret, while it may be confirmed; another page another."""
    first = await offered_app(house)
    house.clock.advance(29 * MINUTE)
    before = await house.doors.snapshot()
    shown = await house.enrolment.offered(await house.user(), bound_to=PAGE, kind=TOTP)
    assert (first, first) == (shown, await offer(house, TOTP))
    assert before == await house.doors.snapshot()
    assert first != await offer(house, TOTP, page=OTHER_PAGE)
    house.clock.advance(MINUTE)
    assert await house.enrolment.offered(await house.user(), bound_to=PAGE, kind=TOTP) is None
    assert first != await offer(house, TOTP)


async def test_secret_is_confirmed_where_it_was_shown_by_whom_and_in_time(house: FactorHouse) -> None:
    """R-099: a code of the secret enrols on no other page, for nobody else, and not after half an hour."""
    secret = (await offered_app(house)).secret
    expired = Wrong("factor_code_expired")
    assert expired == await confirm(house, TOTP, house.app_code(secret), page=OTHER_PAGE)
    assert expired == await confirm(house, TOTP, house.app_code(secret), name="eve")
    house.clock.advance(30 * MINUTE)
    assert expired == await confirm(house, TOTP, house.app_code(secret))
    assert [] == list(await house.factors.of_user("u-ada"))
    secret = (await offered_app(house)).secret
    assert isinstance(await confirm(house, TOTP, house.app_code(secret)), Enrolled)


async def test_wrong_code_enrols_nothing_and_is_counted_with_all_guesses(house: FactorHouse) -> None:
    """R-096, R-099: enrolment has no budget of its own; five wrong codes end it, and nothing is enrolled."""
    secret = (await offered_app(house)).secret
    for number in range(5):
        assert Wrong("factor_code_wrong") == await confirm(house, TOTP, f"{number:06}")
    assert ("factor.refused", "totp", "factor_code_wrong") == (await house.events())[0]
    assert Wrong("too_many_attempts") == await confirm(house, TOTP, house.app_code(secret))
    assert (5, [], False) == (
        await house.tries(AttemptKind.TOTP), list(await house.factors.of_user("u-ada")),
        (await house.user()).has_second_factor,
    )  # fmt: skip
    house.clock.advance(15 * MINUTE)
    assert isinstance(await confirm(house, TOTP, house.app_code(secret)), Enrolled)


async def test_second_app_is_refused_from_the_offer_to_the_commit(house: FactorHouse) -> None:
    """R-099: an app does not take the place of another: not offered, not confirmed, and not in a race."""
    secrets = {}
    for page in (PAGE, OTHER_PAGE, "page-3"):
        offered = await offer(house, TOTP, page=page)
        assert isinstance(offered, TOTPOffer)
        secrets[page] = offered.secret
    racing = [
        await confirm(house, TOTP, house.app_code(secrets[page]), page=page) for page in (PAGE, OTHER_PAGE)
    ]
    first, second = racing
    assert isinstance(first, Enrolled)
    assert isinstance(second, Enrolled)
    await house.commit(first)
    with pytest.raises(Conflict) as lost:
        await house.commit(second)
    assert "user" == lost.value.what
    already = Wrong("factor_enrolled_already")
    assert already == await offer(house, TOTP)
    assert already == await confirm(house, TOTP, house.app_code(secrets["page-3"]), page="page-3")
    assert [TOTPSecret(secrets[PAGE])] == [each.means for each in await house.factors.of_user("u-ada")]


async def test_offer_is_spent_with_its_enrolment(house: FactorHouse) -> None:
    """R-020, P-5: the same confirmation twice at once enrols once."""
    secret = (await offered_app(house)).secret
    first, second = [await confirm(house, TOTP, house.app_code(secret)) for _ in range(2)]
    assert isinstance(first, Enrolled)
    assert isinstance(second, Enrolled)
    await house.commit(second)
    with pytest.raises(Conflict):
        await house.commit(first)
    assert 1 == len(await house.factors.of_user("u-ada"))
    assert await house.enrolment.offered(await house.user(), bound_to=PAGE, kind=TOTP) is None


# ── e-mail ──────────────────────────────────────────────────────────────────────────────────────────


async def test_address_is_enrolled_by_the_code_that_was_sent_there(house: FactorHouse) -> None:
    """R-098, R-099: the stored verified address becomes the factor's, and stays whatever becomes of the user's."""
    assert EmailOffer("a…@acme.example") == await offer(house, EMAIL)
    assert EmailOffer("a…@acme.example") == await house.enrolment.offered(
        await house.user(), bound_to=PAGE, kind=EMAIL
    )
    assert Wrong("factor_code_wrong") == await confirm(house, EMAIL, "x")
    enrolled = await confirm(house, EMAIL, await house.mailed_code())
    assert isinstance(enrolled, Enrolled)
    await house.commit(enrolled)
    assert [EmailAddress("ada@acme.example")] == [each.means for each in await house.factors.of_user("u-ada")]
    assert Wrong("factor_enrolled_already") == await offer(house, EMAIL)


@pytest.mark.parametrize(
    "attributes",
    [{"email": ""}, {"email_verified": ""}, {"email_verified": "false"}, {"email_verified": "True"}],
    ids=repr,
)
async def test_address_that_is_not_verified_gets_no_code(
    house: FactorHouse, attributes: dict[str, str]
) -> None:
    """R-013, R-098: without one verified address nothing is sent; with one it is."""
    await house.welcome(person("mallory", **attributes))
    assert Wrong("factor_address_unverified") == await offer(house, EMAIL, name="mallory")
    assert [] == await house.letters()
    assert isinstance(await offer(house, EMAIL), EmailOffer)


async def test_address_that_changes_within_the_enrolment_is_not_enrolled(house: FactorHouse) -> None:
    """R-098: a code that was sent to the old address confirms neither the old one nor the new one."""
    await offer(house, EMAIL)
    code, user = await house.mailed_code(), await house.user()
    changed = UserChanges({"email": (AttributeValue("eve@evil.example", BY_THE_PERSON),)})
    await house.work.commit(ChangeUser(user.id, user.version, changed))
    assert Wrong("factor_code_expired") == await confirm(house, EMAIL, code)
    assert [] == list(await house.factors.of_user("u-ada"))
    house.clock.advance(MINUTE)
    await offer(house, EMAIL)
    assert isinstance(await confirm(house, EMAIL, await house.mailed_code()), Enrolled)


# ── passkeys ────────────────────────────────────────────────────────────────────────────────────────


async def test_passkeys_are_enrolled_beside_one_another(house: FactorHouse) -> None:
    """Up to ten passkeys are enrolled, each once, under a name that fits a line; the eleventh is refused."""
    for number in range(10):
        offered = await offer(house, PASSKEY)
        assert isinstance(offered, PasskeyOffer)
        key = SoftwareAuthenticator(credential_id=f"key-{number}".encode())
        enrolled = await confirm(house, PASSKEY, key.create(offered.options))
        assert isinstance(enrolled, Enrolled)
        assert (60, True) == (len(enrolled.factor.label), enrolled.factor.label.startswith("My key xxx"))
        await house.commit(enrolled)
    assert Wrong("factors_too_many") == await offer(house, PASSKEY)
    kept = [each.means for each in await house.factors.of_user("u-ada")]
    assert 10 == len({each.credential_id for each in kept if isinstance(each, Passkey)})


async def test_same_passkey_is_enrolled_once(house: FactorHouse) -> None:
    """WebAuthn 7.1 (26): an authenticator that ignores what we know of it is refused at the commit."""
    await house.enrol_passkey()
    offered = await offer(house, PASSKEY)
    assert isinstance(offered, PasskeyOffer)
    again = await confirm(house, PASSKEY, SoftwareAuthenticator().create(offered.options))
    assert isinstance(again, Enrolled)
    with pytest.raises(Conflict) as lost:
        await house.commit(again)
    assert Wrong("factor_enrolled_already") == wrong_after(lost.value)
    assert 1 == len(await house.factors.of_user("u-ada"))


@pytest.mark.parametrize(
    "lie", [{"origin": "https://evil.example"}, {"challenge": "AAAA"}, {"flags": 1}], ids=repr
)
async def test_lies_at_creation_enrol_nothing(house: FactorHouse, lie: dict[str, object]) -> None:
    """R-128: a lie is counted and refused; the honest answer after it enrols."""
    offered = await offer(house, PASSKEY)
    assert isinstance(offered, PasskeyOffer)
    key = SoftwareAuthenticator()
    assert Wrong("factor_code_wrong") == await confirm(house, PASSKEY, key.create(offered.options, **lie))
    assert Wrong("factor_code_wrong") == await confirm(house, PASSKEY, "")
    assert 2 == await house.tries(AttemptKind.PASSKEY)
    assert isinstance(await confirm(house, PASSKEY, key.create(offered.options)), Enrolled)


# ── what comes with it ──────────────────────────────────────────────────────────────────────────────


async def test_recovery_codes_come_with_the_first_factor_alone(house: FactorHouse) -> None:
    """R-101: ten codes are shown once, with the first factor; later ones leave them as they are."""
    _, _, codes = await house.enrol_app()
    assert (10, 10) == (len(set(codes)), await house.factors.count_recovery_codes("u-ada"))
    assert () == (await house.enrol_email()).recovery_codes
    await house.enrol_passkey()
    assert await house.proves(FactorKind.RECOVERY, codes[0])


async def test_letter_tells_of_each_new_factor(house: FactorHouse) -> None:
    """R-013: the stored verified address hears of it, in the commit that enrols; who has none is enrolled too."""
    await house.enrol_app()
    (letter,) = await house.letters()
    assert ("ada@acme.example", "A second step was added at Acme") == (letter.to, letter.subject)
    assert "codes from an authenticator app" in letter.text
    await house.welcome(person("mallory", email=""))
    await house.enrol_app("mallory")
    assert (1, 1) == (len(await house.letters()), len(await house.factors.of_user("u-mallory")))


async def test_lock_between_confirmation_and_commit_wins(house: FactorHouse) -> None:
    """R-048: who is locked meanwhile enrols nothing."""
    enrolled = await confirm(house, TOTP, house.app_code((await offered_app(house)).secret))
    assert isinstance(enrolled, Enrolled)
    user = await house.user()
    await house.work.commit(SetUserState(user.id, user.version, UserState.ACTIVE, Lock("lost", house.now())))
    with pytest.raises(Conflict) as lost:
        await house.commit(enrolled)
    assert ("user", []) == (lost.value.what, list(await house.factors.of_user("u-ada")))


async def test_recovery_codes_cannot_be_enrolled(house: FactorHouse) -> None:
    """A recovery code is no factor of its own."""
    assert Wrong("factor_not_enrolled") == await offer(house, FactorKind.RECOVERY)
    assert Wrong("factor_not_enrolled") == await confirm(house, FactorKind.RECOVERY, "x")


async def test_code_is_kept_under_the_installations_key(house: FactorHouse) -> None:
    """R-097: with another key, as for whoever has a copy of the database alone, no code fits."""
    _, _, codes = await house.enrol_app()
    await offer(house, EMAIL)
    code, right = await house.mailed_code(), house.settings
    house.settings = replace(right, key=bytes(32))
    assert Wrong("factor_code_wrong") == await confirm(house, EMAIL, code)
    assert not await house.proves(FactorKind.RECOVERY, codes[0])
    house.settings = right
    assert isinstance(await confirm(house, EMAIL, code), Enrolled)
    assert await house.proves(FactorKind.RECOVERY, codes[0])
