"""Single logout both ways: what we say, what is said to us, and what is not to be believed."""

from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from tests.contract.upstream.travelling import StandingClock
from tests.contract.upstream_saml_speaking.logout_letters import (
    ADA,
    NOW,
    PARTIAL,
    RESPONDER,
    SUCCESS,
    a_request,
    an_answer,
    brought,
    encrypted,
    posted,
)
from tests.contract.upstream_saml_speaking.pysaml_provider import PysamlProvider
from tests.contract.upstream_saml_speaking.speaking import (
    BOTH_SLO,
    IDP_ID,
    PERSISTENT_FORMAT,
    PLACES,
    SLO,
    STATE,
    a_connection,
    an_upstream,
    credential,
    message_of,
    query_of,
    text_at,
)

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.saml_connection import MetadataState, SAMLBinding, SAMLEndpoint
from jitney.ports import LogoutAsked
from jitney.upstream.saml.schema import check_schema
from jitney.upstream.saml.subject import NameID, logout_hint_of, upstream_name_of

pytestmark = pytest.mark.anyio

REDIRECT, POST = SAMLBinding.REDIRECT, SAMLBinding.POST
QUALIFIED = NameID("ada <&> é", PERSISTENT_FORMAT, "https://idp.acme.example/metadata", "urn:us")
HINT = logout_hint_of(QUALIFIED, "session-1")


def peer(clock: Any = None, **settings: Any) -> Any:
    return an_upstream(a_connection(**settings), clock=clock or StandingClock())


async def ask(unverified: UnverifiedResponse, **settings: Any) -> LogoutAsked:
    return await peer(**settings).verify_logout_request(unverified)


async def reason(unverified: UnverifiedResponse, **settings: Any) -> str:
    """Why a request is refused, while the honest one is taken under the same settings, whatever came before."""
    live = peer(**settings)
    with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
        await live.verify_logout_request(unverified)
    for binding in SAMLBinding:
        honest = await live.verify_logout_request(brought(a_request(), binding))
        assert upstream_name_of(NameID("ada")) == honest.upstream_name
    return refused.value.code


# ── our request ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("binding", SAMLBinding)
async def test_our_request_names_the_session_as_it_was_named_to_us(binding: SAMLBinding) -> None:
    """SAML Core 3.7.1: the name with its format and both qualifiers, and the session's index; signed."""
    leaving = await peer(request_binding=binding).begin_logout(HINT, state=STATE)
    message = message_of(leaving.onward)
    check_schema(message, document="logout_request")
    name = message.find("{*}NameID")
    assert QUALIFIED == NameID(
        name.text, name.get("Format"), name.get("NameQualifier"), name.get("SPNameQualifier")
    )
    assert ["session-1"] == [each.text for each in message.findall("{*}SessionIndex")]
    assert leaving.request_id == message.get("ID")
    assert "2030-06-01T12:05:00Z" == message.get("NotOnOrAfter")
    assert (SLO if binding is REDIRECT else f"{SLO}/post") == message.get("Destination")
    if binding is REDIRECT:
        assert {"SAMLRequest", "RelayState", "SigAlg", "Signature"} == query_of(leaving.onward).keys()
    else:
        assert 1 == len(message.findall("{*}Signature"))


async def test_person_who_has_only_a_name_is_named_by_it() -> None:
    """SAML Core 3.7.1: what was not received is not sent."""
    leaving = await peer().begin_logout(logout_hint_of(NameID("ada"), None), state=STATE)
    message = message_of(leaving.onward)
    assert {} == dict(message.find("{*}NameID").attrib)
    assert [] == message.findall("{*}SessionIndex")
    assert STATE == query_of(leaving.onward)["RelayState"]


async def test_there_is_no_trip_without_a_place_or_a_name() -> None:
    """A provider that takes no logout, and a session of another protocol's time, are left alone."""
    assert None is await peer(single_logout=()).begin_logout(HINT, state=STATE)
    assert None is await peer().begin_logout("eyJhbGciOiJSUzI1NiJ9.e30.c2ln", state=STATE)
    assert None is not await peer().begin_logout(HINT, state=STATE)


async def test_our_messages_are_never_sent_unsigned() -> None:
    """R-070: without a key there is no logout message, whatever the settings say about sign-ins."""
    live = peer(credentials=(), signs_requests=False)
    asked = LogoutAsked("_x", NOW, "name", (), None)
    for attempt in (live.begin_logout(HINT, state=STATE), live.answer_logout(asked, is_ended=True)):
        with pytest.raises(UpstreamUnavailable) as refused:
            await attempt
        assert "saml_credential_unusable" == refused.value.code
    assert None is not await peer(signs_requests=False).begin_logout(HINT, state=STATE)


@pytest.mark.parametrize("binding", SAMLBinding)
async def test_real_provider_takes_our_logout(binding: SAMLBinding, tmp_path: Path) -> None:
    """R-070: pysaml2 verifies our LogoutRequest; we verify its answer; ours to its request it verifies too."""
    live = an_upstream(a_connection(request_binding=binding))
    provider = PysamlProvider(tmp_path, live.metadata())
    leaving = await live.begin_logout(HINT, state=STATE)
    assert leaving is not None
    received = provider.take_logout_request(leaving.onward)
    assert (leaving.request_id, "session-1") == (received.id, received.session_index[0].text)
    await live.complete_logout(provider.logout_answer(received, binding), request_id=leaving.request_id)

    asked = await live.verify_logout_request(provider.logout_request(binding, "ada", "session-1", "theirs"))
    assert (upstream_name_of(NameID("ada")), ("session-1",)) == (asked.upstream_name, asked.sessions)
    answer = await live.answer_logout(asked, is_ended=True)
    taken = provider.take_logout_answer(answer)
    assert (asked.id, SUCCESS) == (taken.in_response_to, taken.status.status_code.value)


# ── their answer ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("binding", SAMLBinding)
@pytest.mark.parametrize("codes", [(SUCCESS,), (SUCCESS, PARTIAL), (RESPONDER, PARTIAL)])
async def test_answer_of_the_provider_ends_the_trip(binding: SAMLBinding, codes: tuple[str, ...]) -> None:
    """SAML Core 3.7.3.2: all ended, or all that could be."""
    unverified = brought(an_answer(*codes), binding)
    assert None is await peer().complete_logout(unverified, request_id="_ours")


@pytest.mark.parametrize("binding", SAMLBinding)
@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        (an_answer(InResponseTo="_another"), "in_response_to_differs"),
        (an_answer(InResponseTo=None), "in_response_to_differs"),
        (an_answer(issuer="https://evil.example"), "issuer_differs"),
        (an_answer(issuer=None), "issuer_missing"),
        (an_answer(Destination=PLACES.assertion_consumer), "destination_differs"),
        (an_answer(Destination=None), "destination_differs"),
        (an_answer(IssueInstant="2030-06-01T11:53:59Z"), "too_old"),
        (an_answer(IssueInstant="2030-06-01T12:01:01Z"), "issued_in_future"),
        (an_answer(Version="1.1"), "version_differs"),
        (an_answer(RESPONDER), "status_error"),
        (an_answer(f"{SUCCESS} "), "status_error"),
        (an_answer(RESPONDER, SUCCESS), "status_error"),
    ],
)
async def test_answer_that_is_not_the_providers_yes_is_refused(
    binding: SAMLBinding, letter: str, expected: str
) -> None:
    """R-070: the answer to this request, by this provider, to us, now, and a yes; the honest twin is taken."""
    live = peer()
    with pytest.raises(UpstreamRejected) as refused:
        await live.complete_logout(brought(letter, binding), request_id="_ours")
    assert f"saml_logout_response_{expected}" == refused.value.code
    await live.complete_logout(brought(an_answer(), binding), request_id="_ours")


@pytest.mark.parametrize("binding", SAMLBinding)
@pytest.mark.parametrize("key", ["none", "other"])
async def test_answer_must_be_signed_by_the_provider(binding: SAMLBinding, key: Any) -> None:
    """R-070: unsigned, or signed by somebody else, an answer says nothing."""
    signer: Any = key if key == "none" else credential(key)
    with pytest.raises(UpstreamRejected) as refused:
        await peer().complete_logout(brought(an_answer(), binding, key=signer), request_id="_ours")
    expected = "unsigned" if key == "none" else "bad_signature"
    assert f"saml_logout_response_{expected}" == refused.value.code
    await peer().complete_logout(brought(an_answer(), binding), request_id="_ours")


async def test_trip_without_an_id_has_no_answer() -> None:
    """R-070: a trip that was no SAML request of ours is not ended by an answer to nothing."""
    with pytest.raises(UpstreamRejected) as refused:
        await peer().complete_logout(brought(an_answer(InResponseTo=None)), request_id="")
    assert "saml_logout_response_in_response_to_differs" == refused.value.code
    await peer().complete_logout(brought(an_answer()), request_id="_ours")


# ── their request ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("binding", SAMLBinding)
async def test_their_request_says_what_it_ends(binding: SAMLBinding) -> None:
    """R-070: the name, the sessions, the id that counts once, and the RelayState for our answer."""
    letter = a_request(sessions=("s-1", "s-2", "s-1"), NotOnOrAfter="2030-06-01T12:00:30Z")
    asked = await ask(brought(letter, binding, relay_state="their state"))
    assert (
        LogoutAsked(
            id="_letter-1",
            expires=NOW + timedelta(seconds=361),
            upstream_name=upstream_name_of(NameID("ada")),
            sessions=("s-1", "s-2"),
            relay_state="their state",
        )
        == asked
    )


@pytest.mark.parametrize("binding", SAMLBinding)
async def test_encrypted_name_is_opened(binding: SAMLBinding) -> None:
    """R-069: a name that was encrypted for us is the name in it; weak ciphers and other contents are refused."""
    asked = await ask(brought(a_request(encrypted()), binding))
    assert upstream_name_of(NameID("ada")) == asked.upstream_name
    weak = brought(a_request(encrypted(cipher="TransformAes256Cbc")), binding)
    assert "saml_logout_request_encryption_algorithm_not_allowed" == await reason(weak)
    other = brought(a_request(encrypted("<saml:Issuer>ada</saml:Issuer>")), binding)
    assert "saml_logout_request_wrong_root" == await reason(other)


async def test_encrypted_name_needs_the_key() -> None:
    """R-069: what another of our keys was meant for is not opened; why it failed is not told."""
    letter = brought(a_request(encrypted()))
    code = await reason(letter, credentials=(credential("jitney's next"),))
    assert "saml_logout_request_decryption_failed" == code
    both = (credential("jitney's next"), credential())
    assert upstream_name_of(NameID("ada")) == (await ask(letter, credentials=both)).upstream_name


async def test_request_without_sessions_ends_all_of_the_name() -> None:
    """SAML Core 3.7.1: no index, every session; qualifiers are part of the name, the format is not."""
    name = NameID("ada", None, "https://a.example", "urn:us")
    written = (
        '<saml:NameID NameQualifier="https://a.example" SPNameQualifier="urn:us" '
        f'Format="{PERSISTENT_FORMAT}">ada</saml:NameID>'
    )
    asked = await ask(brought(a_request(written)))
    assert (upstream_name_of(name), ()) == (asked.upstream_name, asked.sessions)
    assert asked.upstream_name != (await ask(brought(a_request()))).upstream_name


@pytest.mark.parametrize("binding", SAMLBinding)
@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        (a_request(issuer="https://evil.example"), "issuer_differs"),
        (a_request(issuer=None), "issuer_missing"),
        (a_request(Destination=f"{PLACES.single_logout}/"), "destination_differs"),
        (a_request(Destination=None), "destination_differs"),
        (a_request(IssueInstant="2030-06-01T11:53:59Z"), "too_old"),
        (a_request(IssueInstant="2030-06-01T12:01:01Z"), "issued_in_future"),
        (a_request(NotOnOrAfter="2030-06-01T11:59:00Z"), "expired"),
        (a_request(Version="1.1"), "version_differs"),
        (a_request(""), "schema_invalid"),
        (a_request(ADA + ADA), "schema_invalid"),
        (a_request("<saml:BaseID/>"), "schema_invalid"),
        (a_request(ID=None), "schema_invalid"),
        (a_request(IssueInstant=None), "schema_invalid"),
        (a_request(ID="_" + "x" * 256), "malformed"),
        (a_request(sessions=tuple(map(str, range(101)))), "too_many_sessions"),
        (an_answer().replace("LogoutResponse", "AuthnRequest"), "wrong_root"),
    ],
)
async def test_request_that_does_not_fit_is_refused(binding: SAMLBinding, letter: str, expected: str) -> None:
    """R-070: each defect has its own reason; the honest twin is taken by the same provider."""
    assert f"saml_logout_request_{expected}" == await reason(brought(letter, binding))


@pytest.mark.parametrize("binding", SAMLBinding)
async def test_edges_of_time_are_taken(binding: SAMLBinding) -> None:
    """R-063: the skew of the settings is granted on both sides, and no second more."""
    for moment in ("2030-06-01T11:54:00Z", "2030-06-01T12:01:00Z", "2030-06-01T14:00:00+02:00"):
        assert await ask(brought(a_request(IssueInstant=moment), binding))
    late = brought(a_request(IssueInstant="2030-06-01T11:54:59Z"), binding)
    assert "saml_logout_request_too_old" == await reason(late, clock_skew=0)


@pytest.mark.parametrize("binding", SAMLBinding)
@pytest.mark.parametrize(("key", "expected"), [("none", "unsigned"), ("other", "bad_signature")])
async def test_request_must_be_signed_by_the_provider(binding: SAMLBinding, key: Any, expected: str) -> None:
    """R-070: whoever could send others' logouts would keep them from working."""
    signer: Any = key if key == "none" else credential(key)
    code = await reason(brought(a_request(), binding, key=signer))
    assert f"saml_logout_request_{expected}" == code


async def test_signature_in_the_document_does_not_sign_a_redirect() -> None:
    """SAML Bindings 3.4.4.1: of a redirect the query is signed; one inside is no proof of what stands beside it."""
    enveloped = etree.fromstring(_document(brought(a_request(), POST)))
    unsigned = brought(etree.tostring(enveloped).decode(), key="none")
    assert "saml_logout_request_unsigned" == await reason(unsigned)


async def test_wrapped_request_is_refused() -> None:
    """R-061, R-070: the signed request hidden in an unsigned one of the attacker's, in either of two places."""
    signed = etree.fromstring(_document(brought(a_request(), POST)))
    forged = etree.fromstring(a_request("<saml:NameID>grace</saml:NameID>", ID="_evil").encode())
    extensions = etree.Element("{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
    extensions.append(signed)
    forged.insert(1, extensions)
    hidden = posted(etree.tostring(forged), "SAMLRequest")
    assert "saml_logout_request_signature_misplaced" == await reason(hidden)

    stolen = etree.fromstring(a_request("<saml:NameID>grace</saml:NameID>").encode())
    stolen.insert(1, etree.fromstring(_document(brought(a_request(), POST))).find("{*}Signature"))
    moved = posted(etree.tostring(stolen), "SAMLRequest")
    assert "saml_logout_request_bad_signature" == await reason(moved)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + a_request().encode(), "doctype"),
        (a_request("<saml:NameID>ada<!-- x -->.evil</saml:NameID>").encode(), "comment"),
        (a_request("<saml:NameID>ada<?x y?>.evil</saml:NameID>").encode(), "processing_instruction"),
        (b"<" * 10, "malformed"),
        (b"", "malformed"),
        (a_request("<saml:NameID>" + "x" * 300_000 + "</saml:NameID>").encode(), "too_large"),
    ],
)
async def test_document_that_is_none_is_refused(document: bytes, expected: str) -> None:
    """R-058: a posted document is looked at before it is parsed, and parsed before it is verified."""
    assert f"saml_logout_request_{expected}" == await reason(posted(document, "SAMLRequest"))


async def test_bomb_in_a_redirect_is_refused() -> None:
    """R-058: what grows beyond bounds is not inflated to the end, even where the provider signed it."""
    bomb = a_request(f"<saml:NameID>{'x' * 20_000_000}</saml:NameID>")
    assert "saml_logout_request_too_large" == await reason(brought(bomb))


@pytest.mark.parametrize("binding", SAMLBinding)
async def test_relay_state_of_theirs_is_short(binding: SAMLBinding) -> None:
    """R-067: 80 octets come back as they went; one more, and the request is refused."""
    fits, over = "é" * 40, "é" * 40 + "x"
    assert fits == (await ask(brought(a_request(), binding, relay_state=fits))).relay_state
    code = await reason(brought(a_request(), binding, relay_state=over))
    assert "saml_logout_request_relay_state_too_long" == code


async def test_keys_that_the_provider_let_run_out_end_nothing() -> None:
    """R-070: past the end of its metadata a provider's keys are believed no more; before it they are."""
    for request, expected in ((True, "logout_request"), (False, "logout_response")):
        over, good = (peer(metadata=MetadataState(valid_until=NOW + timedelta(seconds=s))) for s in (0, 1))
        letter = brought(a_request() if request else an_answer())

        def hear(live: Any, letter: Any = letter, request: bool = request) -> Any:
            return (
                live.verify_logout_request(letter)
                if request
                else live.complete_logout(letter, request_id="_ours")
            )

        with pytest.raises(UpstreamUnavailable) as refused:
            await hear(over)
        assert f"saml_{expected}_metadata_expired" == refused.value.code
        await hear(good)


# ── our answer ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("binding", SAMLBinding)
@pytest.mark.parametrize(("is_ended", "status"), [(True, SUCCESS), (False, RESPONDER)])
async def test_our_answer_names_their_request(binding: SAMLBinding, is_ended: bool, status: str) -> None:
    """SAML Core 3.7.2: it answers the request, says what came of it, and brings the RelayState back."""
    live = peer(request_binding=binding)
    asked = await live.verify_logout_request(brought(a_request(), relay_state="their state"))
    onward = await live.answer_logout(asked, is_ended=is_ended)
    message = message_of(onward, "SAMLResponse")
    check_schema(message, document="logout_response")
    assert ("_letter-1", status) == (
        message.get("InResponseTo"), text_at(message, "samlp:Status/samlp:StatusCode/@Value"),
    )  # fmt: skip
    assert "their state" == (onward.fields or query_of(onward))["RelayState"]
    assert IDP_ID != text_at(message, "saml:Issuer") == PLACES.saml_metadata


async def test_our_answer_goes_where_answers_go() -> None:
    """SAML Metadata 2.2.2: ``ResponseLocation`` takes answers, where there is one; no RelayState is made up."""
    elsewhere = SAMLEndpoint(POST, SLO, response_url=f"{SLO}/answers")
    asked = LogoutAsked("_x", NOW, "name", (), None)
    onward = await peer(single_logout=(elsewhere,)).answer_logout(asked, is_ended=True)
    assert f"{SLO}/answers" == onward.location == message_of(onward, "SAMLResponse").get("Destination")
    assert {"SAMLResponse"} == set(onward.fields or ())
    assert (
        SLO
        == (await peer(single_logout=BOTH_SLO).answer_logout(asked, is_ended=True)).location.partition("?")[0]
    )


async def test_logout_tokens_are_not_spoken() -> None:
    """R-074: what is OpenID Connect's ends nothing here; the request of SAML does."""
    with pytest.raises(UpstreamRejected) as refused:
        await peer().verify_logout_token("a.b.c")
    assert "logout_token_not_spoken" == refused.value.code
    assert await ask(brought(a_request()))


def _document(unverified: UnverifiedResponse) -> bytes:
    return b64decode(unverified.parameters["SAMLRequest"])
