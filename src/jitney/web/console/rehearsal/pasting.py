"""The page on which an operator pastes claims or a SAML response, and reads what would happen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from jitney.administration.applications import ApplicationAdministration
from jitney.administration.operator import Right
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.administration.records.outcome_words import says
from jitney.errors import InvalidInput, JitneyError
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.signin.pasted_rehearsal import PastedRehearsal, PastedResult
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.identity_providers.part_view import tabs_of
from jitney.web.console.identity_providers.places import BASE, SECTION
from jitney.web.console.record_fields import Choice, Field, Kind
from jitney.web.kit.rehearsal_cards import cards_of

MOST_SHOWN_AGAIN: Final = 12_000
"""How many characters of a paste are put back into the form; a larger one would make the page slow."""

MOST_LISTED: Final = 200
"""How many applications can be chosen from."""

CLAIMS, RESPONSE = "claims", "response"


@dataclass(frozen=True, slots=True)
class PastePage:
    """``/console/identity-providers/{name}/rehearse``; what is pasted signs nobody in and is not kept."""

    desk: Desk
    providers: IdentityProviderAdministration
    applications: ApplicationAdministration
    pasted: PastedRehearsal

    def doorways(self) -> list[Doorway]:
        """Return the addresses."""
        path = f"{BASE}/{{name}}/rehearse"
        return [
            ConsolePage(path, Right.ADMINISTER, self.show),
            ConsoleForm(path, Right.ADMINISTER, self.rehearse, self.show, once=False),
        ]

    async def show(self, visit: Visit) -> Response:
        """``GET …/rehearse``: the form."""
        idp = await self.providers.get(visit.operator, visit.place("name"))
        return await self._page(visit, idp, visit.typed or {"kind": CLAIMS}, None)

    async def rehearse(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/rehearse``: tell what would happen; it is no redirect, since claims belong in no address."""
        idp = await self.providers.get(visit.operator, visit.place("name"))
        text, application = fields.get("pasted", "").strip(), fields.get("application") or None
        if not text:
            sentence = "Paste something first."
            raise InvalidInput("nothing_pasted", sentence, fields={"pasted": sentence})
        if fields.get("kind") == RESPONSE:
            result = await self.pasted.of_response(idp.name, text, application=application)
        else:
            subject = fields.get("subject", "").strip() or None
            result = await self.pasted.of_claims(idp.name, text, subject=subject, application=application)
        return await self._page(visit, idp, fields, result)

    async def _page(
        self, visit: Visit, idp: IdentityProvider, typed: Fields, result: PastedResult | None
    ) -> Response:
        listed = (await self.applications.list(visit.operator))[:MOST_LISTED]
        choices = (Choice("", "none in particular"), *(Choice(one.id, one.name) for one in listed))
        pasted = typed.get("pasted", "")
        again = {**typed, "pasted": pasted if len(pasted) <= MOST_SHOWN_AGAIN else ""}
        return self.desk.page(
            visit, "console/rehearsal/rehearse.html", title=f"Rehearse with {idp.display_name}", section=SECTION,
            idp=idp, tabs=tabs_of(idp.name, "rehearse"), here=f"{BASE}/{quote(idp.name, safe='')}/rehearse",
            fields=fields_for(idp, choices), typed=again, result=result, cards=_cards(result),
            against=against(result.faults) if result else (),
        )  # fmt: skip


def fields_for(idp: IdentityProvider, applications: tuple[Choice, ...]) -> tuple[Field, ...]:
    """Return the fields of the form: a response can be pasted for a provider that speaks SAML alone."""
    is_saml = isinstance(idp.connection, SAMLConnection)
    what = Field(
        "kind", "What you paste", Kind.CHOICE,
        choices=(
            Choice(CLAIMS, "Claims", "A JSON object, as the provider would state them; they are believed."),
            Choice(
                RESPONSE, "A SAML response",
                "As XML, in base64, or as the whole body of the form that carried it. Its signature is verified.",
            ),
        ),
    )  # fmt: skip
    pasted = Field(
        "pasted", "The text" if is_saml else "Claims, as JSON", Kind.LONG,
        "It is about a person: it signs nobody in, nothing of it is written down, and it stands in no log.",
        placeholder="" if is_saml else '{"sub": "17", "email": "ada@example.com", "email_verified": true}',
        required=True,
    )  # fmt: skip
    subject = Field(
        "subject", "Subject",
        sentence="The provider's own id of the person. Left empty, it is taken from the claims, by the rule of the "
        "connection.",
    )  # fmt: skip
    towards = Field(
        "application", "On the way to", Kind.SELECT, "What an application asks for has a part in the decision.",
        choices=applications,
    )  # fmt: skip
    return (*((what,) if is_saml else ()), pasted, subject, towards)


def against(faults: Sequence[JitneyError]) -> list[tuple[str, str]]:
    """Return what speaks against a response: the code and what it means."""
    return [(fault.code, says(fault.code)) for fault in faults]


def _cards(result: PastedResult | None) -> tuple[object, ...]:
    if result is None or result.identity is None or result.rehearsed is None:
        return ()
    return cards_of(result.identity, result.rehearsed)
