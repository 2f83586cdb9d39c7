"""Tries an OpenID Connect provider: discovery, issuer, endpoints, keys, what it offers, and our credentials."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from jitney.errors import InvalidInput
from jitney.jose.limits import parse_json_object
from jitney.model.connection import OIDCConnection, ResponseMode
from jitney.model.diagnosis import Step
from jitney.model.identity_provider import IdentityProvider
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Clock, Entropy
from jitney.upstream.client_authentication import ClientAuthentication
from jitney.upstream.faults import call_to, flaws_of, refusal
from jitney.upstream.oidc.discovery import (
    DISCOVERY_MAX_BYTES,
    ProviderMetadata,
    discovery_url,
    parse_metadata,
)
from jitney.upstream.places import OurPlaces
from jitney.upstream.tenants import shared_issuer
from jitney.upstream.trials.credentials import trial_attempt, try_credentials
from jitney.upstream.trials.key_sets import judge_key_set
from jitney.upstream.trials.offers import judge_offer
from jitney.upstream.trials.steps import REGISTRATION, Trial, carry_out, good

_METHODS: Final = {"signed_client_secret": "client_secret_post"}
"""What a way of ours is called by the provider: to it, Apple's signed secret is one that is posted."""


class OIDCTrial:
    """One trial of one provider."""

    def __init__(
        self,
        idp: IdentityProvider,
        connection: OIDCConnection,
        *,
        places: OurPlaces,
        outgoing: OutgoingClient,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._idp = idp
        self._connection = connection
        self._places = places
        self._outgoing = outgoing
        self._clock = clock
        self._entropy = entropy
        self._document: Mapping[str, object] = {}
        self._found: ProviderMetadata | None = None

    async def steps(self) -> list[Step]:
        """Carry the trial out."""
        trials: list[Trial] = [
            ("discovery", self._discovery),
            ("endpoints", self._endpoints),
            ("keys", self._keys),
            ("offers", self._offers),
            ("credentials", self._credentials),
            (REGISTRATION, self._registration),
        ]
        return await carry_out(trials)

    async def _discovery(self) -> Sequence[Step]:
        url = discovery_url(shared_issuer(self._connection))
        with call_to("discovery"):
            answer = await self._outgoing.get_json(url)
        if answer.status != 200:
            raise refusal("discovery_failed", status=answer.status)
        with flaws_of("discovery"):
            self._document = parse_json_object(answer.body, max_bytes=DISCOVERY_MAX_BYTES)
        return [good("discovery", f"Found at {url}.")]

    async def _endpoints(self) -> Sequence[Step]:
        found = self._found = parse_metadata(self._document, self._connection)
        endpoints = {
            "authorization": found.authorization_endpoint,
            "token": found.token_endpoint,
            "userinfo": found.userinfo_endpoint,
            "end_session": found.end_session_endpoint,
        }
        told = ", ".join(f"{name} {url}" for name, url in endpoints.items() if url is not None)
        return [
            good("issuer", f"It is {found.issuer}, as in the settings."),
            good("endpoints", f"All stand where they may: {told}."),
        ]

    async def _keys(self) -> Sequence[Step]:
        jwks_uri = self._metadata().jwks_uri
        with call_to("key_set"):
            answer = await self._outgoing.get_json(jwks_uri)
        if answer.status != 200:
            raise refusal("key_set_failed", status=answer.status)
        return judge_key_set(answer.body, self._connection.algorithms, now=self._clock.now())

    async def _offers(self) -> Sequence[Step]:
        connection = self._connection
        method = connection.token_endpoint_auth.value
        modes = "response_modes_supported"
        found = [
            judge_offer("pkce", "S256", self._list("code_challenge_methods_supported")),
            judge_offer(
                "authentication",
                _METHODS.get(method, method),
                # A provider that does not say takes HTTP Basic (OIDC Discovery 3).
                self._list("token_endpoint_auth_methods_supported") or ("client_secret_basic",),
            ),
        ]
        if connection.response_mode is not ResponseMode.QUERY:
            found.append(judge_offer("response_mode", connection.response_mode.value, self._list(modes)))
        found += [judge_offer("scopes", scope, self._list("scopes_supported")) for scope in connection.scopes]
        return [step for step in found if step is not None]

    async def _credentials(self) -> Sequence[Step]:
        proof = ClientAuthentication(self._connection, clock=self._clock, entropy=self._entropy)
        attempt = trial_attempt(
            self._idp, self._entropy, redirect_uri=self._places.callback, pkce=True
        )  # fmt: skip
        step = await try_credentials(
            self._outgoing, self._metadata().token_endpoint, attempt=attempt, prove=proof.prove
        )
        return [step]

    async def _registration(self) -> Sequence[Step]:
        told = f"There this redirect URI must be registered: {self._places.callback}."
        if self._connection.passes_logout_on:
            told += f" After sign-out: {self._places.signed_out}."
        told += f" Back-channel logout, if there is such a field: {self._places.back_channel_logout}."
        return [good(REGISTRATION, told)]

    def _metadata(self) -> ProviderMetadata:
        if self._found is None:
            raise InvalidInput("discovery_incomplete", "The discovery document was not read.")
        return self._found

    def _list(self, member: str) -> tuple[str, ...]:
        value = self._document.get(member)
        if not isinstance(value, list):
            return ()
        return tuple(one for one in cast("list[object]", value) if isinstance(one, str))
