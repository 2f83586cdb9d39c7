"""Identity provider → live upstream, one for each version of its settings."""

from typing import Final

from jitney.errors import NotFound
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Clock, Entropy
from jitney.upstream.oauth2.provider import OAuth2Upstream
from jitney.upstream.oidc.provider import OIDCUpstream
from jitney.upstream.places import OurPlaces
from jitney.upstream.saml.provider import SAMLUpstream

MOST_LIVE: Final = 1000
"""How many providers are kept live at once; the one that was used least lately makes room (R-151)."""

_Live = OIDCUpstream | OAuth2Upstream | SAMLUpstream


class UpstreamRegistry:
    """Implements the port ``Upstreams``.

    ``base_url`` is our own public address without a slash at the end;
    each provider's own addresses stand below it under the provider's name.
    """

    def __init__(self, outgoing: OutgoingClient, clock: Clock, entropy: Entropy, base_url: str) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._entropy = entropy
        self._base_url = base_url.rstrip("/")
        self._live: dict[str, tuple[int, _Live]] = {}

    def find(self, idp: IdentityProvider) -> _Live:
        """Return the upstream for these settings; what was remembered under another version is dropped."""
        version, upstream = self._live.pop(idp.id, (None, None))
        if upstream is None or version != idp.version:
            upstream = self._make(idp)
        self._live[idp.id] = (idp.version, upstream)
        if len(self._live) > MOST_LIVE:
            del self._live[next(iter(self._live))]
        return upstream

    def find_saml(self, idp: IdentityProvider) -> SAMLUpstream:
        """Return the SAML side of a provider; raises ``NotFound`` (``saml_not_spoken``)."""
        upstream = self.find(idp)
        if not isinstance(upstream, SAMLUpstream):
            raise NotFound("saml_not_spoken", "This identity provider does not speak SAML.")
        return upstream

    def forget(self, idp_id: str) -> None:
        """Drop what is remembered about a provider; unknown ids are nothing to forget."""
        self._live.pop(idp_id, None)

    def places_of(self, idp: IdentityProvider) -> OurPlaces:
        """Return our addresses for this provider, and for no other (R-050)."""
        return OurPlaces(self._base_url, idp.name)

    def _make(self, idp: IdentityProvider) -> _Live:
        places, connection = self.places_of(idp), idp.connection
        match connection:
            case OIDCConnection():
                return OIDCUpstream(
                    idp, connection, places=places, outgoing=self._outgoing, clock=self._clock,
                    entropy=self._entropy,
                )  # fmt: skip
            case OAuth2Connection():
                return OAuth2Upstream(
                    idp, connection, places=places, outgoing=self._outgoing, entropy=self._entropy
                )
            case SAMLConnection():
                return SAMLUpstream(idp, connection, places=places, clock=self._clock, entropy=self._entropy)
