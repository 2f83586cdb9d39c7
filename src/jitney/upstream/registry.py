"""Identity provider → live upstream, one for each version of its settings."""

from jitney.model.identity_provider import IdentityProvider
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Clock, Entropy
from jitney.upstream.oidc import OIDCUpstream


class UpstreamRegistry:
    """Implements the port ``Upstreams``.

    ``base_url`` is our own public address without a slash at the end;
    each provider's callback stands below it
    under the provider's name.
    """

    def __init__(self, outgoing: OutgoingClient, clock: Clock, entropy: Entropy, base_url: str) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._entropy = entropy
        self._base_url = base_url.rstrip("/")
        self._live: dict[str, tuple[int, OIDCUpstream]] = {}

    def find(self, idp: IdentityProvider) -> OIDCUpstream:
        """Return the upstream for these settings; what was remembered under another version is dropped."""
        version, upstream = self._live.get(idp.id, (None, None))
        if upstream is None or version != idp.version:
            upstream = OIDCUpstream(
                idp,
                redirect_uri=self.redirect_uri(idp),
                outgoing=self._outgoing,
                clock=self._clock,
                entropy=self._entropy,
            )
            self._live[idp.id] = (idp.version, upstream)
        return upstream

    def forget(self, idp_id: str) -> None:
        """Drop what is remembered about a provider; unknown ids are nothing to forget."""
        self._live.pop(idp_id, None)

    def redirect_uri(self, idp: IdentityProvider) -> str:
        """Return the callback of this provider and of no other (R-050)."""
        return f"{self._base_url}/callback/{idp.name}"
