"""From one issuer URL to the provider's endpoints (OIDC Discovery 1.0)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

from jitney.errors import UpstreamUnavailable
from jitney.jose.limits import parse_json_object
from jitney.model.connection import OIDCConnection
from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import Target, parse_target
from jitney.upstream.faults import call_to, flaws_of, refusal
from jitney.upstream.remembered import Lifetime
from jitney.upstream.tenants import shared_issuer

DISCOVERY_MAX_BYTES: Final = 128 * 1024
DISCOVERY_LIFETIME: Final = Lifetime(
    fresh=timedelta(hours=1), kept_while_failing=timedelta(hours=24), pause=timedelta(seconds=60)
)


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What a provider publishes about itself, as far as we use it; made by ``parse_metadata`` alone.

    ``promises_iss`` says that every answer through the browser names its issuer (RFC 9207 section 3).
    ``prompts`` are the values of ``prompt`` that it takes, ``None`` where it does not say
    (Initiating User Registration via OpenID Connect 1.0, section 4).
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    promises_iss: bool
    prompts: frozenset[str] | None = None


async def fetch_metadata(outgoing: OutgoingClient, connection: OIDCConnection) -> ProviderMetadata:
    """Fetch and check the provider's metadata.

    Raises ``UpstreamUnavailable`` (``discovery_failed``, ``discovery_malformed`` …, the outgoing client's codes)
    and ``UpstreamRejected`` (see ``parse_metadata``).
    """
    return parse_metadata(await _fetch(outgoing, discovery_url(shared_issuer(connection))), connection)


@dataclass(frozen=True, slots=True)
class IssuerDocuments:
    """Implements the port ``IssuerSource``: reads whose document stands at an address, and nothing else of it."""

    outgoing: OutgoingClient

    async def find_issuer(self, url: str) -> str:
        """Return the issuer that a discovery document states; see ``ports.IssuerSource``."""
        unverified = (await _fetch(self.outgoing, url)).get("issuer")
        if not isinstance(unverified, str):
            raise refusal("discovery_incomplete", member="issuer")
        return unverified


async def _fetch(outgoing: OutgoingClient, url: str) -> Mapping[str, object]:
    with call_to("discovery"):
        answer = await outgoing.get_json(url)
    if answer.status != 200:
        raise refusal("discovery_failed", status=answer.status)
    with flaws_of("discovery"):
        return parse_json_object(answer.body, max_bytes=DISCOVERY_MAX_BYTES)


def discovery_url(issuer: str) -> str:
    """Return where the issuer's metadata stand (OIDC Discovery 4.1: a terminating slash is removed first)."""
    return issuer.removesuffix("/") + "/.well-known/openid-configuration"


def parse_metadata(unverified_document: Mapping[str, object], connection: OIDCConnection) -> ProviderMetadata:
    """Return the metadata, if they are this issuer's and all endpoints stand where they may (R-054).

    Somebody who answers for the issuer once could send our codes and our secret to a token endpoint of his own.
    So the issuer is compared byte for byte (OIDC Discovery 4.3), the ``{tenantid}`` of a multi-tenant one too,
    and an endpoint stands on the issuer's origin or on one that an operator approved, and nowhere else.
    Raises ``discovery_issuer_differs``, ``discovery_endpoint_refused``, ``discovery_incomplete``.
    """
    if unverified_document.get("issuer") != connection.issuer:
        raise refusal("discovery_issuer_differs")
    endpoints = _Endpoints(unverified_document, connection)
    return ProviderMetadata(
        issuer=connection.issuer,
        authorization_endpoint=endpoints.get("authorization_endpoint"),
        token_endpoint=endpoints.get("token_endpoint"),
        jwks_uri=endpoints.get("jwks_uri"),
        userinfo_endpoint=endpoints.find("userinfo_endpoint"),
        end_session_endpoint=endpoints.find("end_session_endpoint"),
        promises_iss=_flag(unverified_document, "authorization_response_iss_parameter_supported"),
        prompts=_prompts(unverified_document.get("prompt_values_supported")),
    )


def _prompts(unverified: object) -> frozenset[str] | None:
    """Return the prompts that a provider says it takes; a list that cannot be understood says nothing."""
    if not isinstance(unverified, list):
        return None
    return frozenset(word for word in cast("list[object]", unverified) if isinstance(word, str))


class _Endpoints:
    """The endpoints of a document, each checked as it is taken out."""

    def __init__(self, unverified_document: Mapping[str, object], connection: OIDCConnection) -> None:
        self._document = unverified_document
        self._issuers = _read(shared_issuer(connection), "issuer")
        approved = (_read(origin, "approved_origins") for origin in connection.approved_origins)
        self._origins: Collection[tuple[str, str, int]] = {_origin(self._issuers), *map(_origin, approved)}

    def get(self, name: str) -> str:
        endpoint = self.find(name)
        if endpoint is None:
            raise refusal("discovery_incomplete", member=name)
        return endpoint

    def find(self, name: str) -> str | None:
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise refusal("discovery_incomplete", member=name)
        origin = _origin(_read(value, name))
        if origin not in self._origins:
            raise refusal("discovery_endpoint_refused", member=name, flaw="origin")
        # Plain http only on the issuer's own origin: the outgoing client fetched this document from there,
        # which it does for explicitly allowed places alone.
        if origin[0] != "https" and origin != _origin(self._issuers):
            raise refusal("discovery_endpoint_refused", member=name, flaw="scheme")
        return value


def _read(url: str, member: str) -> Target:
    try:
        return parse_target(url)
    except UpstreamUnavailable as fault:
        raise refusal("discovery_endpoint_refused", member=member, flaw="url") from fault


def _origin(target: Target) -> tuple[str, str, int]:
    return (target.scheme, target.host_port.host, target.host_port.port)


def _flag(document: Mapping[str, object], name: str) -> bool:
    value = document.get(name, False)
    if not isinstance(value, bool):
        raise refusal("discovery_incomplete", member=name)
    return cast("bool", value)
