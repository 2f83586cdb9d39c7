"""How messages travel through the browser (SAML Bindings 3.4 and 3.5), both ways."""

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from lxml import etree

from jitney.testing.fake_saml.documents import Element, found
from jitney.testing.fake_saml.facts import Asked
from jitney.testing.fake_saml.keys import KeyPair

RAW_DEFLATE: Final = -zlib.MAX_WBITS


class UnreadableError(ValueError):
    """A message that the fake provider cannot read."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as the browser carries it: the fields of a form, or the parameters and octets of a query."""

    parameters: Mapping[str, str]
    query: str = ""
    is_posted: bool = True
    about: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the sender remembers of it."""


def posted(octets: bytes, *, name: str, relay_state: str | None) -> Sent:
    """Return a message as the fields of a form."""
    fields = {name: base64.b64encode(octets).decode()}
    return Sent(fields if relay_state is None else {**fields, "RelayState": relay_state})


def deflated(octets: bytes) -> str:
    """Return a message as it stands in a query: without a header, and compressed."""
    squeezed = zlib.compressobj(9, zlib.DEFLATED, RAW_DEFLATE)
    return base64.b64encode(squeezed.compress(octets) + squeezed.flush()).decode()


def redirected(octets: bytes, *, name: str, relay_state: str | None, key: KeyPair | None) -> Sent:
    """Return a message as a query, which is signed as a whole (SAML Bindings 3.4.4.1) where there is a ``key``."""
    parameters = {name: deflated(octets)}
    if relay_state is not None:
        parameters["RelayState"] = relay_state
    return signed_query(parameters, key) if key else Sent(parameters, query_of(parameters), is_posted=False)


def signed_query(parameters: Mapping[str, str], key: KeyPair, algorithm: str | None = None) -> Sent:
    """Sign these parameters in their order, and append what a signature adds."""
    signed = {**parameters, "SigAlg": algorithm or key.algorithm}
    value = key.sign(query_of(signed).encode(), signed["SigAlg"])
    signed["Signature"] = base64.b64encode(value).decode()
    return Sent(signed, query_of(signed), is_posted=False)


def query_of(parameters: Mapping[str, str]) -> str:
    """Write a query with every reserved character escaped."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())


def read_message(parameters: Mapping[str, str], name: str) -> Element:
    """Return the message that a service provider sent by either binding; raises ``UnreadableError``."""
    try:
        octets = base64.b64decode(parameters[name], validate=True)
        if not octets.lstrip().startswith(b"<"):
            octets = zlib.decompress(octets, RAW_DEFLATE)
        return etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True))
    except (KeyError, binascii.Error, zlib.error, etree.XMLSyntaxError) as fault:
        raise UnreadableError(name) from fault


def read_authn_request(parameters: Mapping[str, str]) -> Asked:
    """Return what an AuthnRequest asks for; raises ``UnreadableError``."""
    request = read_message(parameters, "SAMLRequest")
    return Asked(
        id=request.get("ID"),
        consumer=request.get("AssertionConsumerServiceURL"),
        service_provider=found(request, "saml:Issuer").text,
        relay_state=parameters.get("RelayState"),
    )


def read_departure(location: str, fields: Mapping[str, str] | None) -> Asked:
    """Return what a browser brings that was sent to ``location``, or had to post ``fields`` there."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    return read_authn_request(fields if fields is not None else query)
