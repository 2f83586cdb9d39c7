"""Our AuthnRequest says what the settings and the application want, and a real provider takes it."""

import re
from pathlib import Path
from typing import Any

import pytest
from saml2.response import IncorrectlySigned
from tests.contract.upstream.travelling import StandingClock
from tests.contract.upstream_saml_speaking.pysaml_provider import PysamlProvider
from tests.contract.upstream_saml_speaking.speaking import (
    BOTH_SSO,
    PERSISTENT_FORMAT,
    PLACES,
    SSO,
    STATE,
    a_connection,
    an_upstream,
    application_request,
    credential,
    elliptic,
    message_of,
    query_of,
    text_at,
)

from jitney.errors import UpstreamUnavailable
from jitney.model.saml_connection import ContextComparison, SAMLBinding
from jitney.model.secret_hash import hash_secret
from jitney.ports import Departure
from jitney.upstream.saml.names import TRANSIENT_FORMAT
from jitney.upstream.saml.schema import check_schema

pytestmark = pytest.mark.anyio

REDIRECT, POST = SAMLBinding.REDIRECT, SAMLBinding.POST
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
SMARTCARD = "urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard"


async def leave(request: Any = None, clock: Any = None, **settings: Any) -> Departure:
    return await an_upstream(a_connection(**settings), clock=clock).begin(request, state=STATE)


@pytest.mark.parametrize("binding", SAMLBinding)
@pytest.mark.parametrize("key", [credential, elliptic])
async def test_request_says_who_asks_whom_and_where_to_answer(binding: SAMLBinding, key: Any) -> None:
    """SAML Core 3.2.1 and 3.4.1: id, time, destination, issuer, and the place of ours that takes the answer."""
    clock = StandingClock()
    departure = await leave(clock=clock, request_binding=binding, credentials=(key(),))
    message = message_of(departure.onward)
    check_schema(message, document="logout_request")
    assert {
        "ID": departure.attempt.request_id,
        "Version": "2.0",
        "IssueInstant": "2030-06-01T12:00:00Z",
        "Destination": SSO if binding is REDIRECT else f"{SSO}/post",
        "ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        "AssertionConsumerServiceURL": PLACES.assertion_consumer,
    } == dict(message.attrib)
    assert PLACES.saml_metadata == text_at(message, "saml:Issuer")
    assert {"Issuer"} == {each.tag.rpartition("}")[2] for each in message} - {"Signature"}


async def test_trip_remembers_what_its_answer_must_fit() -> None:
    """R-063, R-067: the request's id, our address, and the hash of the state; no secret of OpenID Connect."""
    clock = StandingClock()
    attempt = (await leave(application_request(max_age=90), clock)).attempt
    assert re.fullmatch("_[0-9a-f]{32}", attempt.request_id)
    assert (hash_secret(STATE), PLACES.assertion_consumer) == (attempt.state_hash, attempt.redirect_uri)
    assert ("", "", None, 90) == (
        attempt.nonce, attempt.code_verifier, attempt.fresh_since, attempt.max_age,
    )  # fmt: skip


async def test_no_two_requests_have_one_id() -> None:
    """SAML Core 1.3.4: an id is by chance, and another each time."""
    upstream = an_upstream()
    ids = {(await upstream.begin(None, state=STATE)).attempt.request_id for _ in range(20)}
    assert 20 == len(ids)


@pytest.mark.parametrize(
    ("settings", "wishes", "fresh", "attributes"),
    [
        ({}, {}, False, {}),
        ({}, {"prompt": ("login",)}, True, {"ForceAuthn": "true"}),
        ({}, {"max_age": 0}, True, {"ForceAuthn": "true"}),
        ({}, {"max_age": 60}, False, {}),
        ({"force_authn": True}, {}, True, {"ForceAuthn": "true"}),
        ({}, {"prompt": ("select_account",)}, False, {"ForceAuthn": "true"}),
        ({}, {"prompt": ("none",)}, False, {"IsPassive": "true"}),
        ({"force_authn": True}, {"prompt": ("none",)}, True, {"ForceAuthn": "true", "IsPassive": "true"}),
        ({}, {"prompt": ("consent",), "login_hint": "ada@acme.example", "acr_values": "high"}, False, {}),
        ({"attribute_consuming_service_index": 0}, {}, False, {"AttributeConsumingServiceIndex": "0"}),
    ],
)
async def test_wishes_become_attributes(
    settings: dict[str, Any], wishes: dict[str, Any], fresh: bool, attributes: dict[str, str]
) -> None:
    """R-089: a demand for a fresh sign-in, or for none that is seen, travels; nothing about the person does."""
    clock = StandingClock()
    departure = await leave(application_request(**wishes), clock, **settings)
    message = message_of(departure.onward)
    wished = ("ForceAuthn", "IsPassive", "AttributeConsumingServiceIndex")
    assert attributes == {name: value for name, value in message.attrib.items() if name in wished}
    assert (clock.time if fresh else None) == departure.attempt.fresh_since
    # The id and the signature are drawn by lot, and may spell anything.
    told = {name: value for name, value in message.attrib.items() if name != "ID"}
    assert "ada" not in re.findall(r"\w+", f"{told} {list(message.itertext())}")
    assert "high" not in departure.location


@pytest.mark.parametrize(
    ("format", "allow_create"), [(None, None), (PERSISTENT_FORMAT, "true"), (TRANSIENT_FORMAT, None)]
)
async def test_kind_of_name_is_asked_for(format: str | None, allow_create: str | None) -> None:
    """SAML Core 3.4.1.1: the policy names the format of the settings; a transient name is not "created"."""
    message = message_of((await leave(name_id_format=format)).onward)
    assert format == text_at(message, "samlp:NameIDPolicy/@Format")
    assert allow_create == text_at(message, "samlp:NameIDPolicy/@AllowCreate")


@pytest.mark.parametrize("comparison", ContextComparison)
async def test_contexts_are_asked_for_with_their_comparison(comparison: ContextComparison) -> None:
    """SAML Core 3.3.2.2.1: the classes of the settings, in their order, and how they compare."""
    asked = message_of(
        (await leave(authn_contexts=(SMARTCARD, PASSWORD), context_comparison=comparison)).onward
    )
    check_schema(asked, document="logout_request")
    assert comparison.value == text_at(asked, "samlp:RequestedAuthnContext/@Comparison")
    assert [SMARTCARD, PASSWORD] == [each.text for each in asked.find("{*}RequestedAuthnContext")]
    assert message_of((await leave()).onward).find("{*}RequestedAuthnContext") is None


async def test_everything_at_once_is_schema_valid() -> None:
    """SAML Core 3.4.1: signature, policy and contexts stand in the order that the schema demands."""
    departure = await leave(
        application_request(prompt=("login",)),
        request_binding=POST,
        name_id_format=PERSISTENT_FORMAT,
        authn_contexts=(PASSWORD,),
        attribute_consuming_service_index=3,
    )
    message = message_of(departure.onward)
    check_schema(message, document="logout_request")
    assert ["Issuer", "Signature", "NameIDPolicy", "RequestedAuthnContext"] == [
        each.tag.rpartition("}")[2] for each in message
    ]


@pytest.mark.parametrize(
    ("preferred", "offered", "location"),
    [
        (REDIRECT, BOTH_SSO, SSO),
        (POST, BOTH_SSO, f"{SSO}/post"),
        (REDIRECT, BOTH_SSO[1:], f"{SSO}/post"),
        (POST, BOTH_SSO[:1], SSO),
    ],
)
async def test_binding_is_the_preferred_one_or_the_other(
    preferred: SAMLBinding, offered: Any, location: str
) -> None:
    """A provider that offers but the other binding is spoken to in that one."""
    departure = await leave(request_binding=preferred, single_sign_on=offered)
    assert location == departure.location.partition("?")[0]
    assert (location != SSO) == (departure.onward.fields is not None)
    assert location == message_of(departure.onward).get("Destination")


async def test_provider_without_a_place_is_refused() -> None:
    """Without an endpoint nobody is sent anywhere; with one they are."""
    with pytest.raises(UpstreamUnavailable) as refused:
        await leave(single_sign_on=())
    assert "saml_endpoint_missing" == refused.value.code
    assert (await leave(single_sign_on=BOTH_SSO[:1])).location.startswith(SSO)


@pytest.mark.parametrize("flaw", ["credential_missing", "key_of_another_certificate", "key_unreadable"])
async def test_request_that_cannot_be_signed_is_not_sent_unsigned(flaw: str) -> None:
    """R-061: where the settings want signatures, a key that does not do is no reason to go without one."""
    ours, theirs = credential(), credential("idp")
    spoilt = {
        "credential_missing": (),
        "key_of_another_certificate": (type(ours)(ours.certificate, theirs.private_key),),
        "key_unreadable": (type(ours)(ours.certificate, "none"),),
    }[flaw]
    with pytest.raises(UpstreamUnavailable) as refused:
        await leave(credentials=spoilt)
    assert ("saml_credential_unusable", flaw) == (refused.value.code, refused.value.details["flaw"])
    unsigned = await leave(credentials=spoilt, signs_requests=False)
    assert {"SAMLRequest", "RelayState"} == query_of(unsigned.onward).keys()
    assert {"SAMLRequest", "RelayState", "SigAlg", "Signature"} == query_of((await leave()).onward).keys()


async def test_posted_request_is_signed_only_where_the_settings_say() -> None:
    """R-061: the signature stands in the document, and nothing but the state beside it."""
    signed = (await leave(request_binding=POST)).onward
    unsigned = (await leave(request_binding=POST, signs_requests=False)).onward
    assert {"SAMLRequest", "RelayState"} == set(signed.fields or ()) == set(unsigned.fields or ())
    assert [1, 0] == [len(message_of(each).findall("{*}Signature")) for each in (signed, unsigned)]
    assert STATE == (signed.fields or {})["RelayState"]


@pytest.mark.parametrize("binding", SAMLBinding)
async def test_extra_parameters_go_along_but_never_under_our_names(binding: SAMLBinding) -> None:
    """R-067: what an operator adds is in the address; neither it nor the endpoint's query says what is ours."""
    endpoint = type(BOTH_SSO[0])(binding, f"{SSO}?tenant=a%20b&RelayState=theirs&Sig%41lg=none")
    departure = await leave(
        request_binding=binding,
        single_sign_on=(endpoint,),
        extra_parameters={"whr": "acme & co", "RelayState": "https://evil.example", "SAMLRequest": "x"},
    )
    query = query_of(departure.onward)
    assert {"tenant": "a b", "whr": "acme & co"} == {
        name: value for name, value in query.items() if name in ("tenant", "whr")
    }
    sent = query if departure.onward.fields is None else departure.onward.fields
    assert STATE == sent["RelayState"]
    assert "RelayState=theirs" not in departure.location
    assert "evil" not in departure.location
    assert endpoint.url == message_of(departure.onward).get("Destination")


async def test_real_provider_takes_our_requests(tmp_path: Path) -> None:
    """R-061: pysaml2 verifies our redirect and our form with our metadata alone, and refuses a changed one."""
    provider = PysamlProvider(tmp_path, an_upstream().metadata())
    for binding in SAMLBinding:
        departure = await leave(request_binding=binding, name_id_format=PERSISTENT_FORMAT)
        assert departure.attempt.request_id == provider.take_request(departure.onward).id
    departure = await leave()
    with pytest.raises(IncorrectlySigned):
        provider.take_request(departure.onward, RelayState="another")


async def test_real_provider_takes_an_elliptic_signature(tmp_path: Path) -> None:
    """R-061: xmlsec1 verifies what an ECDSA key of ours signed in a form."""
    provider = PysamlProvider(tmp_path, an_upstream(a_connection(credentials=(elliptic(),))).metadata())
    departure = await leave(request_binding=POST, credentials=(elliptic(),))
    assert departure.attempt.request_id == provider.take_request(departure.onward).id
