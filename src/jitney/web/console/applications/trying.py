"""Trying an application as somebody: whether they come in, what they owe, and what the application is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from starlette.responses import Response

from jitney.administration.people.users import UserAdministration
from jitney.errors import InvalidInput
from jitney.jose.limits import parse_json_object
from jitney.model.claims import Claims
from jitney.signin.application_trial import ApplicationTrial, Rehearsing, TriedApplication, Way
from jitney.web.console.applications.fields import MOST_BOXES
from jitney.web.console.applications.room import ApplicationRoom, place, tabs
from jitney.web.console.applications.signing_in import WISHES, ApplicationSignIn, sign_in_fields
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.record_forms import Choice, Field, Kind
from jitney.web.kit.told_rows import told_rows

LOCAL = Choice("", "User name and password")
EXAMPLE = (
    '{\n  "sub": "10769150350006150715113082367",\n  "name": "Ada Lovelace",\n  "email": "ada@example.com"\n}'
)


@dataclass(frozen=True, slots=True)
class ApplicationTrying:
    """Nothing is stored, nobody is signed in, and no address of the application is visited.

    ``for_real`` is the way for whoever can be signed in to; what stands here is for all others.
    """

    room: ApplicationRoom
    trial: ApplicationTrial
    users: UserAdministration
    for_real: ApplicationSignIn

    async def show(self, visit: Visit) -> Response:
        """``GET …/try``."""
        return await self._show(visit)

    async def run(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/try``: as somebody with an account, or as somebody whom a provider describes."""
        application = await self.room.applications.get(visit.operator, visit.place("id"))
        if fields.get("as") == "claims":
            claims, network = _claims(fields.get("claims", "")), fields.get("claims_network", "").strip()
            who = Rehearsing(fields.get("provider", ""), _subject(claims), claims, network or None)
            tried = await self.trial.of_claims(application, who)
        else:
            reference = fields.get("user", "").strip()
            if not reference:
                raise InvalidInput(
                    "form_invalid",
                    "Say who shall be tried.",
                    fields={"user": "A user name, DOMAIN/name, or the id of an account."},
                )
            user = await self.users.get(visit.operator, reference)
            network = fields.get("network", "").strip() or None
            way = Way(fields.get("way") or None, network, _words(fields, "amr"), fields.get("acr") or None)
            tried = await self.trial.of_user(application, user, way)
        return await self._show(replace(visit, typed=fields), tried)

    async def _show(self, visit: Visit, tried: TriedApplication | None = None) -> Response:
        application = await self.room.applications.get(visit.operator, visit.place("id"))
        names = await self.room.provider_names(visit)
        offered = await self.for_real.offered(visit, application)
        usual = {"user": visit.operator.name, "claims": EXAMPLE}
        shown = replace(visit, typed={**usual, **(visit.typed or {})})
        return self.room.page(
            shown,
            "try",
            title=application.name,
            tabs=tabs(application.id, "try"),
            at=place(application.id, "try"),
            offered=offered,
            too_many=len(offered) > MOST_BOXES,
            wishes=sign_in_fields(offered),
            wishes_typed=any((visit.typed or {}).get(one.path) for one in WISHES),
            is_on=application.enabled,
            account=_account_fields(names),
            claims=_claims_fields(names),
            has_providers=bool(names),
            tried=tried,
            told=told_rows(tried) if tried else (),
        )


def _account_fields(names: list[str]) -> tuple[Field, ...]:
    way = _chosen("way", "How they come", names, LOCAL)
    if way.kind is Kind.TEXT:
        way = replace(way, sentence="The short name of a provider. Empty: user name and password.")
    return (
        Field("user", "Who", sentence="A user name, DOMAIN/name, or the id of an account."),
        way,
        Field("network", "From which address", sentence="The IP address of the browser. Empty: unknown."),
        Field("amr", "Methods that the provider states", sentence="Its amr, with spaces between: pwd mfa."),
        Field("acr", "Class that the provider states", sentence="Its acr."),
    )


def _claims_fields(names: list[str]) -> tuple[Field, ...]:
    return (
        _chosen("provider", "Provider", names),
        Field(
            "claims", "What it says", Kind.LONG, "Claims as JSON, as in an ID token; sub must be among them."
        ),
        Field(
            "claims_network", "From which address", sentence="The IP address of the browser. Empty: unknown."
        ),
    )


def _chosen(path: str, label: str, names: list[str], *first: Choice) -> Field:
    """Return a field for one of the providers: a list, or where there are many their short name."""
    if len(names) > MOST_BOXES:
        return Field(path, label, sentence="The short name of a provider.")
    return Field(path, label, Kind.SELECT, choices=(*first, *(Choice(name, name) for name in names)))


def _claims(text: str) -> Claims:
    """Read the claims under the limits of a real token."""
    try:
        return cast("Claims", parse_json_object(text.encode()))
    except InvalidInput as fault:
        told = "This is no JSON object, or one that is too large."
        raise InvalidInput("claims_unreadable", told, fields={"claims": told}) from fault


def _subject(claims: Claims) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        told = "The claims hold no sub, by which the provider knows the person."
        raise InvalidInput("subject_missing", told, fields={"claims": told})
    return subject


def _words(fields: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(fields.get(name, "").split())
