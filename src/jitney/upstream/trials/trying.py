"""Tries an identity provider step by step, whatever it speaks; keeps and changes nothing."""

from typing import assert_never

from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.diagnosis import Diagnosis, Step
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Clock, Entropy, SAMLSource
from jitney.upstream.places import OurPlaces
from jitney.upstream.trials.oauth2 import OAuth2Trial
from jitney.upstream.trials.oidc import OIDCTrial
from jitney.upstream.trials.saml import SAMLTrial


class UpstreamTrials:
    """Implements the port ``UpstreamTrial``; ``base_url`` is our own public address without a slash at its end."""

    def __init__(
        self, outgoing: OutgoingClient, source: SAMLSource, clock: Clock, entropy: Entropy, base_url: str
    ) -> None:
        self._outgoing = outgoing
        self._source = source
        self._clock = clock
        self._entropy = entropy
        self._base_url = base_url.rstrip("/")

    async def diagnose(self, idp: IdentityProvider) -> Diagnosis:
        """Try to reach the provider step by step; never raises for what is wrong with it.

        The first step that goes badly is the last one that is tried; what must be registered there is told
        all the same.
        """
        return Diagnosis(tuple(await self._steps(idp)))

    async def _steps(self, idp: IdentityProvider) -> list[Step]:
        places, connection = OurPlaces(self._base_url, idp.name), idp.connection
        match connection:
            case OIDCConnection():
                return await OIDCTrial(
                    idp, connection, places=places, outgoing=self._outgoing, clock=self._clock,
                    entropy=self._entropy,
                ).steps()  # fmt: skip
            case OAuth2Connection():
                return await OAuth2Trial(
                    idp, connection, places=places, outgoing=self._outgoing, entropy=self._entropy
                ).steps()
            case SAMLConnection():
                return await SAMLTrial(
                    idp, connection, places=places, outgoing=self._outgoing, source=self._source, clock=self._clock
                ).steps()  # fmt: skip
            case _:
                assert_never(connection)
