"""Trying an application for real: a sign-in through one of its providers, of which nothing is kept."""

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from jitney.errors import InvalidInput
from jitney.model.application import Application
from jitney.signin.provider_trial import ProviderTrial
from jitney.signin.trial_request import Wishes
from jitney.web.console.applications.fields import MOST_BOXES
from jitney.web.console.applications.room import ApplicationRoom
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.record_forms import Choice, Field, Kind
from jitney.web.kit.render import redirect

WISHES: Final = (
    Field(
        "prompt",
        "Prompt",
        Kind.SELECT,
        "What it wants of somebody who is signed in at the provider already.",
        choices=(
            Choice("", "None: they need not do it again"),
            Choice("login", "login: sign in anew"),
            Choice("select_account", "select_account: choose an account"),
        ),
    ),
    Field(
        "acr_values",
        "Classes of sign-in",
        sentence="acr_values, with spaces between. https://refeds.org/profile/mfa asks for a second factor.",
    ),
    Field("insists", "It insists on one of these classes", Kind.SWITCH, "As an essential acr."),
    Field("login_hint", "Login hint", sentence="Passed on to the provider, where its settings say so."),
)
"""What the application would ask for; how the provider is told stands in the provider's settings."""

_THROUGH: Final = Field("through", "Through", sentence="The short name of a provider.")


@dataclass(frozen=True, slots=True)
class Through:
    """A provider that the application offers; ``name`` is its short name."""

    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class ApplicationSignIn:
    """Leads the operator's own browser to a trial, and shows from where it can begin."""

    room: ApplicationRoom
    trials: ProviderTrial

    async def begin(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/try/sign-in``."""
        name = fields.get("through", "").strip()
        if not name:
            told = "Say through which provider."
            raise InvalidInput("form_invalid", told, fields={"through": told})
        application = await self.room.applications.get(visit.operator, visit.place("id"))
        link = await self.trials.start_for(application.id, name, _wishes(fields))
        return redirect(link.address)

    async def offered(self, visit: Visit, application: Application) -> list[Through]:
        """Return the providers through which people may come here, shown on the sign-in page or not."""
        return [
            Through(idp.name, idp.display_name)
            for idp in await self.room.identity_providers.list(visit.operator)
            if idp.enabled and application.takes_from(idp.name)
        ]


def sign_in_fields(offered: list[Through]) -> tuple[Field, ...]:
    """Return the fields of the form; where there are many providers, one is named instead of shown as a button."""
    return (_THROUGH, *WISHES) if len(offered) > MOST_BOXES else WISHES


def _wishes(fields: Fields) -> Wishes:
    return Wishes(
        fields.get("prompt", ""),
        fields.get("acr_values", "").strip(),
        insists="insists" in fields,
        login_hint=fields.get("login_hint", "").strip(),
    )
