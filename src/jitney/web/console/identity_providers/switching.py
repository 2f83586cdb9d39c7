"""Switch a provider on and off, and read its metadata again: one button each."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.administration.providers.saml_metadata import SAMLMetadataVerbs
from jitney.errors import InvalidInput
from jitney.web.console.asking_first import asked_first
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, Doorway, Fields, Show, Visit
from jitney.web.console.identity_providers.adding import DOCUMENT, FILE
from jitney.web.console.identity_providers.editing import PartPages
from jitney.web.console.identity_providers.parts import BASIC_PART, PROTOCOL_PART, Part
from jitney.web.console.identity_providers.places import BASE, SECTION, address_of

Act = Callable[[Visit, Fields], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ProviderButtons:
    """What is done to a provider by a button; the page on which the button stands says what was wrong."""

    desk: Desk
    providers: IdentityProviderAdministration
    saml_metadata: SAMLMetadataVerbs
    parts: PartPages

    def doorways(self) -> list[Doorway]:
        """Return the address of each button; all but switching off change whom we trust (R-117)."""
        basic, protocol = self._plain(BASIC_PART), self._plain(PROTOCOL_PART)
        return [
            _button("enable", self.enable, basic),
            ConsoleForm(f"{BASE}/{{name}}/disable", Right.ADMINISTER, self.disable, basic),
            _button("metadata/refresh", self.refresh, protocol),
            _button("metadata/import", self.import_document, protocol, files=True),
        ]

    async def enable(self, visit: Visit, _typed: Fields) -> Response:
        """``POST …/enable``."""
        idp = await self.providers.set_enabled(visit.operator, visit.place("name"), enabled=True)
        return self.desk.done(address_of(idp.name, "basic"), "enabled")

    async def disable(self, visit: Visit, typed: Fields) -> Response:
        """``POST …/disable``, with ``end_sessions`` where its people shall be signed out too."""
        name = visit.place("name")
        closed = await self.providers.shut_out_by(visit.operator, name)
        what, at = f"Disable {name}", address_of(name)
        if asked := asked_first(self.desk, visit, typed, closed, what=what, section=SECTION, at=at):
            return asked
        idp = await self.providers.set_enabled(
            visit.operator, name, enabled=False, end_sessions=typed.get("end_sessions") == "on"
        )
        return self.desk.done(address_of(idp.name, "basic"), "disabled")

    async def refresh(self, visit: Visit, typed: Fields) -> Response:
        """``POST …/metadata/refresh``: fetch the metadata now."""
        refreshed = await self.saml_metadata.refresh(
            visit.operator, visit.place("name"), accept=typed.get("accept") == "on"
        )
        return self._done(refreshed.idp.name, "metadata_taken" if refreshed.fields else "metadata_same")

    async def import_document(self, visit: Visit, typed: Fields) -> Response:
        """``POST …/metadata/import``: take the metadata from a file, or as they were pasted."""
        file = visit.files.get(FILE)
        pasted = typed.get(DOCUMENT, "").strip().encode()
        document = file.content if file is not None and file.content else pasted
        if not document:
            raise InvalidInput(
                "form_invalid",
                "Choose a file, or paste the metadata.",
                fields={DOCUMENT: "Nothing was sent."},
            )
        refreshed = await self.saml_metadata.import_document(
            visit.operator, visit.place("name"), document, accept=typed.get("accept") == "on"
        )
        return self._done(refreshed.idp.name, "metadata_taken" if refreshed.fields else "metadata_same")

    def _plain(self, part: Part) -> Show:
        """Return what shows a part as it is stored: what was sent with a button is no part of its form.

        Metadata that were pasted stand where they were.
        """

        async def show(visit: Visit) -> Response:
            pasted = {name: text for name, text in (visit.typed or {}).items() if name == DOCUMENT}
            return await self.parts.show(part, replace(visit, typed=None), beside=pasted)

        return show

    def _done(self, name: str, code: str) -> Response:
        return self.desk.done(address_of(name, "protocol"), code)


def _button(path: str, act: Act, show: Show, *, files: bool = False) -> ConsoleForm:
    return ConsoleForm(f"{BASE}/{{name}}/{path}", Right.ADMINISTER, act, show, risky=True, files=files)
