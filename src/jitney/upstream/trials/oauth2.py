"""Tries a plain OAuth 2.0 provider: its endpoints, and our credentials."""

from collections.abc import Sequence

from jitney.model.connection import OAuth2Connection
from jitney.model.diagnosis import Step
from jitney.model.identity_provider import IdentityProvider
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Entropy
from jitney.upstream.client_authentication import prove_oauth2_client
from jitney.upstream.places import OurPlaces
from jitney.upstream.trials.credentials import trial_attempt, try_credentials
from jitney.upstream.trials.reach import knock
from jitney.upstream.trials.steps import REGISTRATION, Trial, carry_out, good


class OAuth2Trial:
    """One trial of one provider."""

    def __init__(
        self,
        idp: IdentityProvider,
        connection: OAuth2Connection,
        *,
        places: OurPlaces,
        outgoing: OutgoingClient,
        entropy: Entropy,
    ) -> None:
        self._idp = idp
        self._connection = connection
        self._places = places
        self._outgoing = outgoing
        self._entropy = entropy

    async def steps(self) -> list[Step]:
        """Carry the trial out; which claims come is seen only by whoever signs in there."""
        trials: list[Trial] = [
            ("endpoints", self._endpoints),
            ("credentials", self._credentials),
            (REGISTRATION, self._registration),
        ]
        return await carry_out(trials)

    async def _endpoints(self) -> Sequence[Step]:
        connection = self._connection
        places = {
            "authorization": connection.authorization_endpoint,
            "userinfo": connection.userinfo_endpoint,
            "emails": connection.emails_endpoint,
        }
        return [
            await knock(self._outgoing, "endpoints", name, url)
            for name, url in places.items()
            if url is not None
        ]

    async def _credentials(self) -> Sequence[Step]:
        connection = self._connection
        attempt = trial_attempt(
            self._idp, self._entropy, redirect_uri=self._places.callback, pkce=connection.sends_pkce
        )
        step = await try_credentials(
            self._outgoing,
            connection.token_endpoint,
            attempt=attempt,
            prove=lambda: prove_oauth2_client(connection),
        )
        return [step]

    async def _registration(self) -> Sequence[Step]:
        return [
            good(REGISTRATION, f"There this redirect URI must be registered: {self._places.callback}."),
            good(
                "subject",
                f"People are known by the claim {self._connection.subject_claim} of the user-info answer; "
                "a test sign-in shows what comes.",
            ),
        ]
