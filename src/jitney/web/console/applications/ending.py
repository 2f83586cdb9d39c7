"""A new secret for an application, and removing one; both are confirmed first."""

from dataclasses import dataclass

from starlette.responses import Response

from jitney.web.console.applications.room import APPLICATIONS, ApplicationRoom, place
from jitney.web.console.doorways import Fields, Visit


@dataclass(frozen=True, slots=True)
class ApplicationEnding:
    """Ends a secret, or the application itself."""

    room: ApplicationRoom

    async def ask_secret(self, visit: Visit) -> Response:
        """``GET …/secret``."""
        one = await self.room.applications.get(visit.operator, visit.place("id"))
        return self.room.desk.confirm(
            visit,
            title=f"A new secret for {one.name}",
            section="applications",
            sentences=[
                "A new secret is made and shown once. The present one ends at that moment.",
                "Until the new one is in the application, nobody can sign in there.",
            ],
            lines=[("Client id", one.id)],
            action=place(one.id, "secret"),
            button="Make a new secret",
            back=place(one.id),
        )

    async def rotate(self, visit: Visit, _fields: Fields) -> Response:
        """``POST …/secret``."""
        saved = await self.room.applications.rotate_secret(visit.operator, visit.place("id"))
        return self.room.saved(visit, saved, "saved")

    async def ask_removal(self, visit: Visit) -> Response:
        """``GET …/remove``."""
        one = await self.room.applications.get(visit.operator, visit.place("id"))
        return self.room.desk.confirm(
            visit,
            title=f"Remove {one.name}",
            section="applications",
            sentences=[
                "Nobody signs in to it any more, and all its codes and tokens end at once.",
                "People and their accounts stay. Registered again, it is known under a new secret.",
            ],
            lines=[("Client id", one.id), ("Redirect URIs", "\n".join(one.redirect_uris))],
            action=place(one.id, "remove"),
            button="Remove the application",
            back=place(one.id),
        )

    async def remove(self, visit: Visit, _fields: Fields) -> Response:
        """``POST …/remove``."""
        await self.room.applications.remove(visit.operator, visit.place("id"))
        return self.room.desk.done(APPLICATIONS, "removed")
