"""What all pages about applications share: addresses, tabs, and what follows after one was saved."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from jitney.administration.applications import ApplicationAdministration, SavedApplication
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.web.console.applications.fields import parts_for
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import Visit
from jitney.web.console.warning_words import in_words

APPLICATIONS = "/console/applications"
NEW = "/console/new-application"
"""Beside the applications, since one of them may have the id ``new``."""

TABS = (
    ("", "Overview"),
    ("basic", "Basic"),
    ("proof", "Proof"),
    ("people", "People"),
    ("policy", "Sign-in policy"),
    ("claims", "Claims"),
    ("try", "Try it"),
)


def place(id: str, *further: str) -> str:
    """Return the address of an application, or of something about it."""
    return "/".join((APPLICATIONS, quote(id, safe=""), *further))


def tabs(id: str, current: str) -> list[tuple[str, str, bool]]:
    """Return the tabs of an application."""
    return [(title, place(id, word) if word else place(id), word == current) for word, title in TABS]


@dataclass(frozen=True, slots=True)
class ApplicationRoom:
    """The verbs, and the desk that makes the pages; ``issuer`` is what an application must know of us."""

    applications: ApplicationAdministration
    identity_providers: IdentityProviderAdministration
    desk: Desk
    issuer: str

    def page(self, visit: Visit, template: str, *, title: str, **values: object) -> Response:
        """Return a page of this section."""
        return self.desk.page(
            visit, f"console/applications/{template}.html", title=title, section="applications", **values
        )

    async def provider_names(self, visit: Visit) -> list[str]:
        """Return the short names of all identity providers."""
        return [idp.name for idp in await self.identity_providers.list(visit.operator)]

    def saved(self, visit: Visit, saved: SavedApplication, code: str, *, further: str = "") -> Response:
        """Lead on; a secret that was made, and warnings, are read first, this once (R-115)."""
        client_id = saved.application.id
        back = place(client_id, further) if further else place(client_id)
        warnings = in_words(saved.warnings, (field for part in parts_for([]) for field in part.fields))
        if saved.secret is None and not warnings:
            return self.desk.done(back, code)
        if saved.secret is None:
            return self.page(
                visit,
                "warned",
                title=saved.application.name,
                code=code,
                warnings=warnings,
                back=back,
            )
        sentences = ["Give these to whoever runs the application.", *warnings]
        return self.desk.shown_once(
            visit,
            title=f"The secret of {saved.application.name}",
            section="applications",
            sentences=sentences,
            values=[("Issuer", self.issuer), ("Client id", client_id), ("Client secret", saved.secret)],
            back=back,
        )
