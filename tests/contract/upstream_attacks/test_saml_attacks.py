"""Whatever a stranger makes of a response: the lie is refused for its reason, and the truth is not."""

from dataclasses import replace

import pytest
from tests.attack_summary import ACCEPTED, AttackRow, Tell
from tests.contract.upstream_attacks.conftest import MakeHouse
from tests.contract.upstream_attacks.saml_house import (
    STATE,
    SAMLHouse,
    outcome_of,
    received,
    same_but_for_chance,
    told_by,
)
from tests.contract.upstream_attacks.saml_rows import ACCEPTED as PROVED
from tests.contract.upstream_attacks.saml_rows import REFUSED, SETTINGS, SUBJECT

from jitney.testing.fake_saml_provider import LIES, Document, Habits, Kind, Lie, lies_about
from jitney.upstream.sentences import NOT_PROVEN

pytestmark = pytest.mark.anyio

RESPONSE = Document.RESPONSE.value
ODDITIES = [name for name, lie in lies_about(Document.RESPONSE).items() if lie.is_harmless]
TAMPERED = [
    "locked_for_another", "tampered_cipher", "tampered_tag", "tag_cut_short", "empty_cipher", "tampered_key",
    "key_cut_short", "locked_words", "locked_doctype", "locked_pair", "cipher_is_not_base64",
]  # fmt: skip


def way_of(house: SAMLHouse, lie: Lie):
    """The address at which such a response arrives: in answer to us, or unasked."""
    return house.arrive_unasked if lie.habits.is_unsolicited else house.sign_in


def test_every_lie_about_responses_has_its_row() -> None:
    """R-058 to R-069: a lie that the fake provider learns must be added to the table, with its reason."""
    harmful = {name for name, lie in lies_about(Document.RESPONSE).items() if not lie.is_harmless}
    assert harmful == set(REFUSED)


@pytest.mark.parametrize(("lie", "reason"), REFUSED.items(), ids=REFUSED.keys())
async def test_false_response_is_refused_for_its_reason(
    make_house: MakeHouse, tell: Tell, lie: str, reason: str
) -> None:
    """R-058 R-059 R-060 R-061 R-062 R-063 R-064 R-066 R-067 R-068 R-069: refused; the honest twin is believed."""
    house = make_house(**SETTINGS.get(lie, {}))
    arrive, subject = (
        way_of(house, LIES[lie]),
        "ada" if "subject_attribute" in SETTINGS.get(lie, {}) else SUBJECT,
    )
    before = await outcome_of(arrive(habits=LIES[lie].habits))
    lied = await outcome_of(arrive(lie))
    twin = await outcome_of(arrive(habits=LIES[lie].habits))
    tell(AttackRow(RESPONSE, lie, reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED, subject) == (lied.verdict, twin.verdict, getattr(twin.proved, "subject", None))
    assert [] == told_by(lied.refused)
    assert same_but_for_chance(before.proved) == same_but_for_chance(twin.proved)


@pytest.mark.parametrize("oddity", ODDITIES)
async def test_odd_response_is_believed(make_house: MakeHouse, tell: Tell, oddity: str) -> None:
    """R-058 R-061 R-063 R-069: what is odd and true is believed, and says the same as its plain twin."""
    house = make_house()
    odd = await outcome_of(house.sign_in(oddity))
    twin = await outcome_of(house.sign_in(habits=LIES[oddity].habits))
    tell(AttackRow(RESPONSE, oddity, ACCEPTED, odd.verdict, twin.verdict))
    assert (ACCEPTED, ACCEPTED) == (odd.verdict, twin.verdict)
    assert (PROVED.get(oddity, SUBJECT), SUBJECT) == (odd.proved.subject, twin.proved.subject)


async def test_attribute_cannot_pass_for_the_name(make_house: MakeHouse) -> None:
    """R-001: the claim ``name_id`` is the NameID, whatever an attribute calls itself; subjects never collide."""
    house = make_house()
    arrived = await house.sign_in("attribute_called_name")
    assert SUBJECT == arrived.claims["name_id"]
    assert len(PROVED) == len(set(PROVED.values()))


async def test_sha1_is_believed_only_where_the_risk_was_taken(make_house: MakeHouse, tell: Tell) -> None:
    """R-061: RSA with SHA-1 is refused, unless the settings of this one provider take the risk by name."""
    plain, risky = make_house(), make_house(sha1_allowed_risky=True)
    lied, twin = await outcome_of(plain.sign_in("rsa_sha1")), await outcome_of(plain.sign_in())
    allowed = await outcome_of(risky.sign_in("rsa_sha1"))
    tell(AttackRow(RESPONSE, "rsa_sha1, risk taken", ACCEPTED, allowed.verdict, twin.verdict))
    assert "saml_assertion_algorithm_not_allowed" == lied.verdict
    assert (ACCEPTED, ACCEPTED, SUBJECT) == (allowed.verdict, twin.verdict, allowed.proved.subject)


async def test_md5_is_never_believed(make_house: MakeHouse, tell: Tell) -> None:
    """R-061: who takes the risk of SHA-1 does not take that of MD5 or of HMAC."""
    house = make_house(sha1_allowed_risky=True)
    for lie in ("rsa_md5", "digest_by_md5", "hmac_with_certificate"):
        lied, twin = await outcome_of(house.sign_in(lie)), await outcome_of(house.sign_in())
        reason = "saml_assertion_algorithm_not_allowed"
        tell(AttackRow(RESPONSE, f"{lie}, SHA-1 allowed", reason, lied.verdict, twin.verdict))
        assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)


async def test_address_is_a_subject_only_where_the_risk_was_taken(make_house: MakeHouse, tell: Tell) -> None:
    """R-002: an e-mail address is nobody's key, unless the settings take the risk by name."""
    plain, risky = make_house(), make_house(mutable_subject_allowed_risky=True)
    lied, twin = await outcome_of(plain.sign_in("address_as_name")), await outcome_of(plain.sign_in())
    allowed = await outcome_of(risky.sign_in("address_as_name"))
    tell(AttackRow(RESPONSE, "address_as_name, risk taken", ACCEPTED, allowed.verdict, twin.verdict))
    assert ("saml_name_id_mutable", "ada@acme.example") == (lied.verdict, allowed.proved.subject)


async def test_transient_name_is_no_subject_however_much_is_risked(make_house: MakeHouse, tell: Tell) -> None:
    """R-001: a name that is another one next time is no subject under any setting."""
    house = make_house(mutable_subject_allowed_risky=True)
    lied, twin = await outcome_of(house.sign_in("transient_name")), await outcome_of(house.sign_in())
    reason = "saml_name_id_transient"
    tell(AttackRow(RESPONSE, "transient_name, risk taken", reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)


async def test_unsolicited_response_is_refused_where_it_is_off(make_house: MakeHouse, tell: Tell) -> None:
    """R-066: what nobody asked for is refused by default, and taken where the settings say so."""
    off, on = make_house(), make_house(idp_initiated=True)
    unasked = Habits(is_unsolicited=True)
    lied = await outcome_of(off.arrive_unasked(habits=unasked))
    twin = await outcome_of(on.arrive_unasked(habits=unasked))
    reason = "saml_response_unsolicited"
    tell(AttackRow(RESPONSE, "unsolicited, off", reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED, SUBJECT) == (lied.verdict, twin.verdict, twin.proved.subject)


async def test_unsolicited_response_leads_nowhere_but_where_the_settings_say(
    make_house: MakeHouse, tell: Tell
) -> None:
    """R-066, R-067: a RelayState is a key of an allow-list, and never an address."""
    house = make_house(idp_initiated=True, relay_states={"shop": "app-1"})
    evil = Habits(is_unsolicited=True, relay_state="https://elsewhere.example/")
    lied = await outcome_of(house.arrive_unasked(habits=evil))
    twin = await outcome_of(house.arrive_unasked(habits=replace(evil, relay_state="shop")))
    reason = "saml_response_relay_state_unknown"
    tell(AttackRow(RESPONSE, "unsolicited, relay state elsewhere", reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)


async def test_unsolicited_response_ends_no_trip(make_house: MakeHouse, tell: Tell) -> None:
    """R-063, R-066: though such responses are taken, none of them answers a request of ours."""
    house = make_house(idp_initiated=True)
    unasked = Habits(is_unsolicited=True, relay_state=STATE)
    lied, twin = await outcome_of(house.sign_in(habits=unasked)), await outcome_of(house.sign_in())
    reason = "saml_response_in_response_to_missing"
    tell(AttackRow(RESPONSE, "unsolicited as an answer", reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)


async def test_answer_to_a_request_is_not_unsolicited(make_house: MakeHouse, tell: Tell) -> None:
    """R-066: an answer to somebody's request, posted without their trip, is not taken for an unsolicited one."""
    house = make_house(idp_initiated=True, relay_states={STATE: "app-1"})
    lied, twin = await outcome_of(house.arrive_unasked()), await outcome_of(house.sign_in())
    reason = "saml_response_in_response_to_unasked"
    tell(AttackRow(RESPONSE, "answer posted as unsolicited", reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)


async def test_answer_to_another_providers_trip_is_refused(make_house: MakeHouse, tell: Tell) -> None:
    """R-050, R-064: a genuine response that ends a trip to another provider is refused."""
    house = make_house()
    departure, asked = await house.leave()
    sent = received(house.provider.respond(asked))
    upstream = house.registry.find(house.idp)
    lied = await outcome_of(upstream.complete(sent, replace(departure.attempt, idp="idp-2")))
    twin = await outcome_of(upstream.complete(sent, departure.attempt))
    reason = "callback_of_another_provider"
    tell(AttackRow(RESPONSE, "trip to another provider", reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)


async def test_same_message_at_another_providers_address_is_refused(
    make_house: MakeHouse, tell: Tell
) -> None:
    """R-064: a response that was sent to one provider's address proves nothing at another's."""
    house = make_house()
    other = replace(house.idp, id="idp-2", name="acme-two")
    departure, asked = await house.leave()
    sent = received(house.provider.respond(asked))
    elsewhere = house.registry.find(other).complete(sent, replace(departure.attempt, idp="idp-2"))
    lied, twin = await outcome_of(elsewhere), await outcome_of(house.sign_in())
    reason = "saml_response_destination_differs"
    tell(AttackRow(RESPONSE, "at another provider's address", reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)


async def test_replayed_response_shows_the_ids_that_were_spent(make_house: MakeHouse, tell: Tell) -> None:
    """R-065: the same message names the same documents each time, whatever else of it a stranger may change.

    The verb spends them once; a second message of the same person names others.
    """
    house = make_house()
    departure, asked = await house.leave()
    sent = received(house.provider.respond(asked))
    upstream = house.registry.find(house.idp)
    first = await outcome_of(upstream.complete(sent, departure.attempt))
    again = await outcome_of(upstream.complete(sent, departure.attempt))
    twin = await outcome_of(house.sign_in())
    tell(AttackRow(RESPONSE, "replayed: same ids to spend", ACCEPTED, again.verdict, twin.verdict))
    assert first.proved.one_time == again.proved.one_time
    assert set() == {each.id for each in first.proved.one_time} & {each.id for each in twin.proved.one_time}


async def test_old_key_is_not_believed_once_it_is_withdrawn(make_house: MakeHouse, tell: Tell) -> None:
    """R-061: during a roll-over both certificates verify, and afterwards the withdrawn one does not."""
    during = make_house()
    after = make_house(signing_certificates=during.idp.connection.signing_certificates[1:])
    lied, twin = await outcome_of(after.sign_in()), await outcome_of(after.sign_in("ecdsa"))
    reason = "saml_assertion_bad_signature"
    tell(AttackRow(RESPONSE, "by a withdrawn key", reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)
    assert ACCEPTED == (await outcome_of(during.sign_in("ecdsa"))).verdict


@pytest.mark.parametrize("lie", TAMPERED)
async def test_failures_of_decryption_look_alike(make_house: MakeHouse, lie: str) -> None:
    """R-069: whoever asks by tampering hears the same code, sentence and details each time; the twin signs in."""
    house = make_house()
    lied = await outcome_of(house.sign_in(lie))
    twin = await outcome_of(house.sign_in(habits=LIES[lie].habits))
    assert lied.refused is not None
    assert ("saml_assertion_decryption_failed", NOT_PROVEN[1], {}) == (
        lied.verdict, lied.refused.sentence, dict(lied.refused.details),
    )  # fmt: skip
    assert ACCEPTED == twin.verdict


async def test_nothing_can_be_decrypted_without_a_key_of_ours(make_house: MakeHouse, tell: Tell) -> None:
    """R-069: a provider that encrypts where we have no key is a matter of settings, and nobody signs in."""
    without, with_key = make_house(credentials=(), signs_requests=False), make_house()
    encrypted = Habits(encrypts=Kind.ASSERTION)
    lied = await outcome_of(without.sign_in(habits=encrypted))
    twin = await outcome_of(with_key.sign_in(habits=encrypted))
    reason = "saml_assertion_credential_missing"
    tell(AttackRow(RESPONSE, "encrypted for nobody", reason, lied.verdict, twin.verdict))
    assert (reason, ACCEPTED) == (lied.verdict, twin.verdict)
