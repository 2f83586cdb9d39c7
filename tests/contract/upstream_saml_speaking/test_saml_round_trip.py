"""There and back with a real provider: our request, pysaml2's answer, and who it proves to be here."""

from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.upstream_saml_speaking.pysaml_provider import PysamlProvider
from tests.contract.upstream_saml_speaking.speaking import (
    PERSISTENT_FORMAT,
    STATE,
    a_connection,
    an_upstream,
    application_request,
)

from jitney.errors import UpstreamRejected
from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.saml_connection import SAMLBinding, SignedPart

pytestmark = pytest.mark.anyio

RESPONSE = {"sign_response": True, "sign_assertion": False}
ASSERTION = {"sign_response": False, "sign_assertion": True}
BOTH = {"sign_response": True, "sign_assertion": True}
SUBJECT = "ada-1815"


def house(folder: Path, **settings: Any) -> tuple[Any, PysamlProvider]:
    """Our side and theirs, each with the other's metadata."""
    upstream = an_upstream(a_connection(name_id_format=PERSISTENT_FORMAT, **settings))
    return upstream, PysamlProvider(folder, upstream.metadata())


@pytest.mark.parametrize("binding", SAMLBinding)
@pytest.mark.parametrize(
    ("signed", "protection"),
    [
        (SignedPart.EITHER, RESPONSE),
        (SignedPart.EITHER, ASSERTION),
        (SignedPart.BOTH, BOTH),
        (SignedPart.RESPONSE, RESPONSE),
        (SignedPart.ASSERTION, ASSERTION),
    ],
)
async def test_person_is_proved_by_the_answer_to_our_request(
    binding: SAMLBinding, signed: SignedPart, protection: dict[str, Any], tmp_path: Path
) -> None:
    """R-062, R-063: whatever the settings want signed is signed by a real provider, and proves the same person."""
    upstream, provider = house(tmp_path, request_binding=binding, signed=signed)
    departure = await upstream.begin(application_request(prompt=("login",)), state=STATE)
    brought = provider.sign_in(provider.take_request(departure.onward), STATE, **protection)
    identity = await upstream.complete(brought, departure.attempt)
    assert ("idp-1", SUBJECT, 2) == (identity.idp, identity.subject, len(identity.one_time))
    assert {"ada@acme.example", "Ada"} <= {each for each in identity.claims.values() if isinstance(each, str)}
    assert ["engines", "tables"] in identity.claims.values()
    assert identity.authenticated_at is not None
    assert identity.upstream_name is not None


@pytest.mark.parametrize("protection", [RESPONSE, ASSERTION, BOTH], ids=["response", "assertion", "both"])
async def test_encrypted_assertion_is_opened(protection: dict[str, Any], tmp_path: Path) -> None:
    """R-069: AES-GCM and RSA-OAEP from a real provider are opened; triple DES is refused, and so is none at all."""
    upstream, provider = house(tmp_path, wants_encryption=True)
    departure = await upstream.begin(None, state=STATE)
    request = provider.take_request(departure.onward)

    async def reason(brought: UnverifiedResponse) -> str:
        with pytest.raises(UpstreamRejected) as refused:
            await upstream.complete(brought, departure.attempt)
        return refused.value.code

    weak = provider.sign_in(request, STATE, encrypt_assertion=True, **protection)
    assert "saml_assertion_encryption_algorithm_not_allowed" == await reason(weak)
    assert "saml_assertion_not_encrypted" == await reason(provider.sign_in(request, STATE, **protection))
    provider.encrypt_with_gcm()
    sealed = provider.sign_in(request, STATE, encrypt_assertion=True, **protection)
    assert SUBJECT.encode() not in b64decode(sealed.parameters["SAMLResponse"])
    assert SUBJECT == (await upstream.complete(sealed, departure.attempt)).subject


async def test_answer_belongs_to_its_trip(tmp_path: Path) -> None:
    """R-049, R-063: another request's answer, another state's, and one to no trip of this provider are refused."""
    upstream, provider = house(tmp_path)
    first, second = [await upstream.begin(None, state=STATE) for _ in range(2)]
    brought = provider.sign_in(provider.take_request(first.onward), STATE, **BOTH)
    refusals = {
        "saml_response_in_response_to_differs": (brought, second.attempt),
        "callback_state_differs": (
            provider.sign_in(provider.take_request(first.onward), "another", **BOTH), first.attempt,
        ),
        "callback_of_another_provider": (brought, replace(first.attempt, idp="idp-2")),
        "saml_response_not_posted": (replace(brought, is_posted=False), first.attempt),
    }  # fmt: skip
    for expected, (response, attempt) in refusals.items():
        with pytest.raises(UpstreamRejected) as refused:
            await upstream.complete(response, attempt)
        assert expected == refused.value.code
    assert SUBJECT == (await upstream.complete(brought, first.attempt)).subject


@pytest.mark.parametrize("binding", SAMLBinding)
async def test_whoever_came_from_there_signs_out_there(binding: SAMLBinding, tmp_path: Path) -> None:
    """R-070: the hint of a sign-in names the session in our LogoutRequest, and theirs names it to us."""
    upstream, provider = house(tmp_path, request_binding=binding, passes_logout_on=True)
    departure = await upstream.begin(None, state=STATE)
    brought = provider.sign_in(provider.take_request(departure.onward), STATE, **BOTH)
    identity = await upstream.complete(brought, departure.attempt)
    leaving = await upstream.begin_logout(identity.logout_hint, state=STATE)
    request = provider.take_logout_request(leaving.onward)
    assert SUBJECT == request.name_id.text
    assert identity.upstream_session == request.session_index[0].text
    asked = await upstream.verify_logout_request(
        provider.logout_request(binding, SUBJECT, identity.upstream_session, "x")
    )
    assert (identity.upstream_name, (identity.upstream_session,)) == (asked.upstream_name, asked.sessions)


# ── responses that nobody asked for ─────────────────────────────────────────────────────────────────


async def test_unsolicited_response_is_refused_unless_allowed(tmp_path: Path) -> None:
    """R-066: off by default; where it is on, the very same response says who is here."""
    closed, provider = house(tmp_path)
    brought = provider.sign_in(None, None, **BOTH)
    with pytest.raises(UpstreamRejected) as refused:
        await closed.verify_unsolicited(brought)
    assert "saml_response_unsolicited" == refused.value.code
    opened = an_upstream(a_connection(idp_initiated=True, default_application="shop"))
    unsolicited = await opened.verify_unsolicited(brought)
    assert (SUBJECT, "shop", 2) == (
        unsolicited.identity.subject, unsolicited.application, len(unsolicited.identity.one_time),
    )  # fmt: skip


async def test_relay_state_of_an_unsolicited_response_is_a_key_of_ours(tmp_path: Path) -> None:
    """R-066, R-067: it leads where the settings say under that word; an address in it leads nowhere."""
    _, provider = house(tmp_path)
    live = an_upstream(a_connection(idp_initiated=True, relay_states={"hr": "people", "wiki": "wiki-app"}))

    async def led(relay_state: str | None) -> str | None:
        return (await live.verify_unsolicited(provider.sign_in(None, relay_state, **BOTH))).application

    assert ["people", "wiki-app", None, None] == [await led(each) for each in ("hr", "wiki", "", None)]
    for stranger in ("HR", "https://evil.example", "people"):
        with pytest.raises(UpstreamRejected) as refused:
            await led(stranger)
        assert "saml_response_relay_state_unknown" == refused.value.code


async def test_answer_to_a_request_is_not_unsolicited(tmp_path: Path) -> None:
    """R-066: a response that names a request counts for that one trip, and never without it."""
    _, provider = house(tmp_path)
    live = an_upstream(a_connection(idp_initiated=True))
    departure = await live.begin(None, state=STATE)
    solicited = provider.sign_in(provider.take_request(departure.onward), None, **BOTH)
    with pytest.raises(UpstreamRejected) as refused:
        await live.verify_unsolicited(solicited)
    assert "saml_response_in_response_to_unasked" == refused.value.code
    assert SUBJECT == (await live.verify_unsolicited(provider.sign_in(None, None, **BOTH))).identity.subject
