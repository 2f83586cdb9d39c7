"""Lies of the carrier: the form or the query around a genuine message."""

import base64
import zlib
from dataclasses import replace

from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml.lies import Document, Part, Stage, lie, oddity
from jitney.testing.fake_saml.travel import RAW_DEFLATE, Sent, deflated, query_of, signed_query

_BOMB = 32 * 1024 * 1024


def _changed(sent: Sent, **changes: str) -> Sent:
    parameters = {**sent.parameters, **changes}
    return replace(sent, parameters=parameters, query=sent.query and query_of(parameters))


def _signed_again(sent: Sent, message: str) -> Sent:
    """Let the provider itself sign a query with another message, so that the message is looked at."""
    unsigned = {name: text for name, text in sent.parameters.items() if name not in ("SigAlg", "Signature")}
    return signed_query({**unsigned, "SAMLRequest": message}, rsa_key("the provider"))


def bomb() -> str:
    """Return 32 MiB of spaces as they stand in a query: less than 64 KiB."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, RAW_DEFLATE)
    return base64.b64encode(squeezed.compress(b" " * _BOMB) + squeezed.flush()).decode()


@lie(Stage.SENT)
def no_message(sent: Sent) -> Sent:
    """The form holds no message."""
    return replace(sent, parameters={k: v for k, v in sent.parameters.items() if k != "SAMLResponse"})


@lie(Stage.SENT)
def no_relay_state(sent: Sent) -> Sent:
    """The form does not bring our state back; R-049."""
    return replace(sent, parameters={k: v for k, v in sent.parameters.items() if k != "RelayState"})


@lie(Stage.SENT)
def another_relay_state(sent: Sent) -> Sent:
    """The form brings somebody else's state; R-049."""
    return _changed(sent, RelayState="another-state-of-somebody-else-in-43-letters")


@lie(Stage.SENT)
def relay_state_is_an_address(sent: Sent) -> Sent:
    """The state is an address, to which some would send the browser; R-067."""
    return _changed(sent, RelayState="https://elsewhere.example/")


@lie(Stage.SENT)
def not_base64(sent: Sent) -> Sent:
    """The message is not base64."""
    return _changed(sent, SAMLResponse="<samlp:Response/>")


@lie(Stage.SENT)
def base64_with_rubbish(sent: Sent) -> Sent:
    """The base64 holds characters that a lenient reader leaves out."""
    text = sent.parameters["SAMLResponse"]
    return _changed(sent, SAMLResponse=f"{text[:100]}*!-_{text[100:]}")


@lie(Stage.SENT)
def base64_cut_short(sent: Sent) -> Sent:
    """The base64 has lost its last character."""
    return _changed(sent, SAMLResponse=sent.parameters["SAMLResponse"].rstrip("=")[:-1])


@lie(Stage.SENT)
def base64_twice(sent: Sent) -> Sent:
    """The base64 is there twice, one behind the other."""
    return _changed(sent, SAMLResponse=sent.parameters["SAMLResponse"] * 2)


@lie(Stage.SENT)
def base64_of_base64(sent: Sent) -> Sent:
    """The message is encoded twice."""
    twice = base64.b64encode(sent.parameters["SAMLResponse"].encode()).decode()
    return _changed(sent, SAMLResponse=twice)


@lie(Stage.SENT)
def huge_base64(sent: Sent) -> Sent:
    """The form holds one mebibyte of base64; R-058: at most 256 KiB."""
    return _changed(sent, SAMLResponse=base64.b64encode(b" " * 768 * 1024).decode())


@lie(Stage.SENT)
def compressed_in_form(sent: Sent) -> Sent:
    """The message in the form is compressed, which only a query's is; SAML Bindings 3.5.4."""
    octets = base64.b64decode(sent.parameters["SAMLResponse"])
    return _changed(sent, SAMLResponse=deflated(octets))


@lie(Stage.SENT)
def bomb_in_form(sent: Sent) -> Sent:
    """The message in the form is 43 KiB that grow to 32 MiB; R-058."""
    return _changed(sent, SAMLResponse=bomb())


@lie(Stage.SENT)
def response_by_redirect(sent: Sent) -> Sent:
    """The response comes in a query, which the Web Browser SSO profile forbids; SAML Profiles 4.1.2."""
    octets = base64.b64decode(sent.parameters["SAMLResponse"])
    parameters = {**sent.parameters, "SAMLResponse": deflated(octets)}
    return Sent(parameters, query_of(parameters), is_posted=False)


@lie(Stage.SENT)
def artifact(_sent: Sent) -> Sent:
    """The form holds an artifact, for which we would have to ask; the binding is not ours."""
    return Sent({"SAMLart": "AAQAAMFbLinlXaCM+FIxiDwGOLAy2T71gbpO7ZhNzAgEANlB90ECfpNEVLg="})


@oddity(Stage.SENT)
def base64_on_several_lines(sent: Sent) -> Sent:
    """The base64 is broken into lines, as many libraries do it."""
    octets = base64.b64decode(sent.parameters["SAMLResponse"])
    return _changed(sent, SAMLResponse=base64.encodebytes(octets).decode())


@lie(Stage.SENT, Document.LOGOUT_REQUEST, signs=Part.RESPONSE, by_redirect=True)
def bomb_in_query(sent: Sent) -> Sent:
    """The request in the query is 43 KiB that grow to 32 MiB; R-058."""
    return _signed_again(sent, bomb())


@lie(Stage.SENT, Document.LOGOUT_REQUEST, signs=Part.RESPONSE, by_redirect=True)
def rubbish_in_query(sent: Sent) -> Sent:
    """The request in the query is not compressed."""
    return _signed_again(sent, base64.b64encode(b"<samlp:LogoutRequest/>").decode())


@lie(Stage.SENT, Document.LOGOUT_REQUEST, signs=Part.RESPONSE, by_redirect=True)
def data_behind_stream(sent: Sent) -> Sent:
    """Octets follow the compressed request."""
    octets = base64.b64decode(sent.parameters["SAMLRequest"]) + b"and so on"
    return _signed_again(sent, base64.b64encode(octets).decode())


@lie(Stage.SENT, Document.LOGOUT_REQUEST, signs=Part.RESPONSE, by_redirect=True)
def stream_cut_short(sent: Sent) -> Sent:
    """The compressed request ends in its middle."""
    octets = base64.b64decode(sent.parameters["SAMLRequest"])
    return _signed_again(sent, base64.b64encode(octets[: len(octets) // 2]).decode())
