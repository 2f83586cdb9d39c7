"""One SAML provider of bad faith, our side of it, and whoever carries its messages to us."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.attack_summary import ACCEPTED
from tests.contract.upstream.travelling import CountingEntropy
from tests.contract.upstream_attacks.saml_rows import SUBJECT

from jitney.errors import JitneyError, UpstreamRejected, UpstreamUnavailable
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLBinding, SAMLConnection, SAMLCredential, SAMLEndpoint
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Departure
from jitney.testing.fake_saml.keys import ec_key, rsa_key
from jitney.testing.fake_saml_provider import Asked, FakeSAMLProvider, NameID, Sent, read_departure
from jitney.testing.standing_clock import StandingClock
from jitney.upstream.registry import UpstreamRegistry

BASE_URL = "https://jitney.example"
ENTITY_ID = "https://idp.acme.example/saml"
STATE = "a-state-of-43-characters-as-the-real-ones-x"
PERSONAL = (SUBJECT, "acme-mallory", "ada@acme.example", "Alder", "attacker")
"""What stands in the messages and may stand in no refusal."""

OURS = rsa_key("our own")
CONNECTION = SAMLConnection(
    entity_id=ENTITY_ID,
    single_sign_on=(SAMLEndpoint(SAMLBinding.REDIRECT, f"{ENTITY_ID}/sso"),),
    single_logout=(SAMLEndpoint(SAMLBinding.REDIRECT, f"{ENTITY_ID}/slo"),),
    signing_certificates=(rsa_key("the provider").certificate, ec_key("second key").certificate),
    credentials=(SAMLCredential(OURS.certificate, OURS.private_pem),),
)


@dataclass
class SAMLHouse:
    """A provider that lies on demand, and the same provider as an operator set it up here."""

    provider: FakeSAMLProvider
    registry: UpstreamRegistry
    clock: StandingClock
    idp: IdentityProvider

    @classmethod
    def make(cls, outgoing: OutgoingClient, **settings: Any) -> "SAMLHouse":
        clock = StandingClock()
        provider = FakeSAMLProvider(
            ENTITY_ID,
            now=lambda: clock.now().timestamp(),
            receiver=OURS.certificate,
            logout_at=f"{BASE_URL}/saml/acme/slo",
        )
        registry = UpstreamRegistry(outgoing, clock, CountingEntropy(), BASE_URL)
        idp = IdentityProvider("idp-1", "acme", "Acme", replace(CONNECTION, **settings))
        return cls(provider, registry, clock, idp)

    async def leave(self) -> tuple[Departure, Asked]:
        """Go to the provider; returns also what it reads of our request."""
        request = AuthorizationRequest("shop", "https://shop.example/back", ("openid",), max_age=300)
        departure = await self.registry.find(self.idp).begin(request, state=STATE)
        return departure, read_departure(departure.onward.location, departure.onward.fields)

    async def sign_in(self, lie: str | None = None, **making: Any) -> FederatedIdentity:
        """There and back again."""
        departure, asked = await self.leave()
        sent = self.provider.respond(asked, lie=lie, **making)
        return await self.registry.find(self.idp).complete(received(sent), departure.attempt)

    async def arrive_unasked(self, lie: str | None = None, **making: Any) -> FederatedIdentity:
        """Come from the provider without having been sent there."""
        _, asked = await self.leave()
        sent = self.provider.respond(asked, lie=lie, **making)
        return (await self.registry.find_saml(self.idp).verify_unsolicited(received(sent))).identity

    async def be_logged_out(self, lie: str | None = None, **making: Any) -> Any:
        """Hear from the provider that a session has ended."""
        sent = self.provider.ask_logout(NameID(SUBJECT), "session-1", lie=lie, relay_state="theirs", **making)
        return await self.registry.find_saml(self.idp).verify_logout_request(received(sent))


def received(sent: Sent) -> UnverifiedResponse:
    """What arrives here of what was sent."""
    return UnverifiedResponse(sent.parameters, sent.query, is_posted=sent.is_posted)


@dataclass(frozen=True)
class Outcome:
    """What came of a message: a reason code, or ``accepted`` and what it proved."""

    verdict: str
    refused: UpstreamRejected | UpstreamUnavailable | None = None
    proved: Any = None


async def outcome_of(message: Awaitable[Any]) -> Outcome:
    """Wait for what comes of it; anything but a refusal that we can name is a bug, and is raised."""
    try:
        proved = await message
    except (UpstreamRejected, UpstreamUnavailable) as refused:
        return Outcome(refused.code, refused)
    return Outcome(ACCEPTED, proved=proved)


def told_by(refused: JitneyError | None) -> list[str]:
    """List what a refusal tells of the people in the message, to whomever."""
    told = f"{refused!r} {refused} {vars(refused) if refused else None}"
    return [personal for personal in PERSONAL if personal in told]


def same_but_for_chance(identity: FederatedIdentity) -> Mapping[str, Any]:
    """An identity without what is another one in each message."""
    return {
        "idp": identity.idp,
        "subject": identity.subject,
        "claims": dict(identity.claims),
        "acr": identity.acr,
        "authenticated_at": identity.authenticated_at,
        "upstream_name": identity.upstream_name,
        "one_time": [each.expires for each in identity.one_time],
    }
