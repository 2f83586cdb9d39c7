"""What a trial found, as tests compare it."""

from tests.contract.upstream.travelling import BASE_URL, CountingEntropy, StandingClock

from jitney.model.diagnosis import Diagnosis, Finding, Step
from jitney.model.identity_provider import IdentityProvider, UpstreamConnection
from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import parse_target
from jitney.upstream.saml.source import SAMLMetadataSource
from jitney.upstream.trials.trying import UpstreamTrials


async def tried(
    connection: UpstreamConnection, address: str, *, clock: StandingClock | None = None
) -> Diagnosis:
    """Try a provider named acme that is found at this address."""
    async with OutgoingClient(allowed=frozenset({parse_target(address).host_port})) as client:
        trials = UpstreamTrials(
            client, SAMLMetadataSource(client), clock or StandingClock(), CountingEntropy(), BASE_URL
        )
        return await trials.diagnose(IdentityProvider("", "acme", "Acme", connection))


def findings(diagnosis: Diagnosis) -> list[tuple[str, Finding]]:
    """How each step went, in their order."""
    return [(step.name, step.finding) for step in diagnosis.steps]


def first(diagnosis: Diagnosis, finding: Finding) -> Step:
    """The first step that went so."""
    return next(step for step in diagnosis.steps if step.finding is finding)


def said(diagnosis: Diagnosis) -> str:
    """Everything that is told."""
    return "\n".join(step.sentence for step in diagnosis.steps)
