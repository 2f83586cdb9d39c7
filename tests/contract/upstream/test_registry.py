"""One live upstream for each provider and version of its settings."""

from dataclasses import replace

from tests.contract.upstream.travelling import CountingEntropy, StandingClock

from jitney.model.connection import OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Upstream, Upstreams
from jitney.upstream.registry import UpstreamRegistry

ACME = IdentityProvider("idp-1", "acme", "Acme", OIDCConnection("https://acme.example", "jitney"))


def registry() -> UpstreamRegistry:
    return UpstreamRegistry(OutgoingClient(), StandingClock(), CountingEntropy(), "https://jitney.example/")


def test_same_settings_find_the_same_upstream() -> None:
    """What is remembered about a provider serves all who go there."""
    upstreams: Upstreams = registry()
    first: Upstream = upstreams.find(ACME)
    assert first is upstreams.find(replace(ACME))


def test_new_version_replaces_the_old_one() -> None:
    """R-054: a change of settings starts with nothing remembered."""
    upstreams = registry()
    first, second = upstreams.find(ACME), upstreams.find(replace(ACME, version=2))
    assert first is not second
    assert second is upstreams.find(replace(ACME, version=2))


def test_forgotten_provider_starts_anew() -> None:
    """``forget`` drops one provider and leaves the others alone."""
    upstreams, other = registry(), replace(ACME, id="idp-2", name="other")
    first, kept = upstreams.find(ACME), upstreams.find(other)
    upstreams.forget("idp-1")
    upstreams.forget("idp-3")
    assert first is not upstreams.find(ACME)
    assert kept is upstreams.find(other)


def test_each_provider_has_its_own_redirect_uri() -> None:
    """R-050: the callback names the provider."""
    addresses = [registry().places_of(idp).callback for idp in (ACME, replace(ACME, name="other"))]
    assert ["https://jitney.example/callback/acme", "https://jitney.example/callback/other"] == addresses
