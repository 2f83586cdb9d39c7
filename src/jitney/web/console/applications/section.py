"""Applications in the console: every address, and the right that it needs."""

from dataclasses import dataclass

from jitney.administration.applications import ApplicationAdministration
from jitney.administration.operator import Right
from jitney.administration.people.users import UserAdministration
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.signin.application_trial import ApplicationTrial
from jitney.signin.provider_trial import ProviderTrial
from jitney.web.console.applications.editing import ApplicationEditing
from jitney.web.console.applications.ending import ApplicationEnding
from jitney.web.console.applications.listing import ApplicationListing
from jitney.web.console.applications.policy import PolicyEditing
from jitney.web.console.applications.room import APPLICATIONS, NEW, ApplicationRoom
from jitney.web.console.applications.signing_in import ApplicationSignIn
from jitney.web.console.applications.trying import ApplicationTrying
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway

ONE = f"{APPLICATIONS}/{{id}}"
PARTS = (("basic", True), ("proof", True), ("people", True), ("claims", False))
"""The last word of the address of each part, and whether saving it needs a fresh sign-in (R-117)."""


@dataclass(frozen=True, slots=True)
class ApplicationsSection:
    """The section; ``issuer`` is our public address without a slash at its end."""

    applications: ApplicationAdministration
    identity_providers: IdentityProviderAdministration
    users: UserAdministration
    trial: ApplicationTrial
    provider_trials: ProviderTrial
    desk: Desk
    issuer: str

    def doorways(self) -> list[Doorway]:
        """Return the addresses of this section."""
        room = ApplicationRoom(self.applications, self.identity_providers, self.desk, self.issuer)
        listing, ending = ApplicationListing(room), ApplicationEnding(room)
        policy, for_real = PolicyEditing(room), ApplicationSignIn(room, self.provider_trials)
        trying = ApplicationTrying(room, self.trial, self.users, for_real)
        change = Right.ADMINISTER
        return [
            ConsolePage(APPLICATIONS, Right.SEE, listing.list),
            ConsolePage(NEW, change, listing.new),
            ConsoleForm(NEW, change, listing.register, listing.new, risky=True),
            ConsolePage(ONE, Right.SEE, listing.show),
            ConsoleForm(f"{ONE}/enable", change, listing.enable, listing.show),
            ConsoleForm(f"{ONE}/disable", change, listing.disable, listing.show),
            ConsolePage(f"{ONE}/secret", change, ending.ask_secret),
            ConsoleForm(f"{ONE}/secret", change, ending.rotate, ending.ask_secret, risky=True),
            ConsolePage(f"{ONE}/remove", change, ending.ask_removal),
            ConsoleForm(f"{ONE}/remove", change, ending.remove, ending.ask_removal, risky=True),
            ConsolePage(f"{ONE}/policy", Right.SEE, policy.show),
            ConsoleForm(f"{ONE}/policy", change, policy.save, policy.show, risky=True),
            ConsolePage(f"{ONE}/try", Right.SEE, trying.show),
            ConsoleForm(f"{ONE}/try", Right.SEE, trying.run, trying.show, once=False),
            ConsoleForm(f"{ONE}/try/sign-in", change, for_real.begin, trying.show),
            *(
                doorway
                for word, risky in PARTS
                for doorway in _part(ApplicationEditing(room, word), risky=risky)
            ),
        ]


def _part(editing: ApplicationEditing, *, risky: bool) -> list[Doorway]:
    at = f"{ONE}/{editing.word}"
    return [
        ConsolePage(at, Right.SEE, editing.show),
        ConsoleForm(at, Right.ADMINISTER, editing.save, editing.show, risky=risky),
    ]
