"""The section of tests and rehearsals, put together from its pages."""

from dataclasses import dataclass
from typing import Self

from jitney.administration.applications import ApplicationAdministration
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.signin.pasted_rehearsal import PastedRehearsal
from jitney.signin.provider_trial import ProviderTrial
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import Doorway
from jitney.web.console.rehearsal.pasting import PastePage
from jitney.web.console.rehearsal.testing import ConnectionTest


@dataclass(frozen=True, slots=True)
class RehearsalSection:
    """The pages on which a provider is tried; they stand before those of the provider's parts."""

    testing: ConnectionTest
    pasting: PastePage

    @classmethod
    def of(
        cls,
        desk: Desk,
        providers: IdentityProviderAdministration,
        applications: ApplicationAdministration,
        trials: ProviderTrial,
        pasted: PastedRehearsal,
    ) -> Self:
        """Put the pages together."""
        return cls(ConnectionTest(desk, providers, trials), PastePage(desk, providers, applications, pasted))

    def doorways(self) -> list[Doorway]:
        """Return every address of the section."""
        return [*self.testing.doorways(), *self.pasting.doorways()]
