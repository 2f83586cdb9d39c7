"""The list of applications, registering one, and the overview of one with its switches."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from jitney.administration.application_rules import SECRET_METHODS
from jitney.model.application import Application
from jitney.web.console.applications.fields import AUTHENTICATION, NEW, PROOF
from jitney.web.console.applications.policy_form import policy_told
from jitney.web.console.applications.room import APPLICATIONS, ApplicationRoom, place, tabs
from jitney.web.console.applications.room import NEW as NEW_PLACE
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.record_forms import Field, read_record, typed_of

A_PAGE = 50
ID = Field(
    "id",
    "Client id",
    sentence="Letters, digits and . _ ~ -. Left empty, one is made up. It never changes.",
)


@dataclass(frozen=True, slots=True)
class ApplicationListing:
    """Lists, registers, and switches on and off."""

    room: ApplicationRoom

    async def list(self, visit: Visit) -> Response:
        """``GET /console/applications?after=ID&q=TEXT``: a page of them by id."""
        found = await self.room.applications.list(visit.operator)
        after, words = visit.query.get("after", ""), visit.query.get("q", "").strip().casefold()
        fitting = [
            one
            for one in found
            if one.id > after and (words in one.name.casefold() or words in one.id.casefold())
        ]
        page = fitting[:A_PAGE]
        following = page[-1].id if len(fitting) > A_PAGE else None
        return self.room.page(
            visit, "list", title="Applications", rows=[_row(one) for one in page], words=words,
            following=following, is_first=not after, new=NEW_PLACE, at=APPLICATIONS,
        )  # fmt: skip

    async def new(self, visit: Visit) -> Response:
        """``GET /console/new-application``."""
        usual = typed_of(Application("", "", ()), NEW)
        shown = visit if visit.typed is not None else replace(visit, typed=usual)
        return self.room.page(
            shown, "new", title="Register an application", fields=(NEW[0], ID, *NEW[1:]), at=NEW_PLACE
        )

    async def register(self, visit: Visit, fields: Fields) -> Response:
        """``POST /console/new-application``: the secret is shown once."""
        wanted = read_record(Application("", "", ()), (*NEW, ID), fields)
        saved = await self.room.applications.register(visit.operator, wanted)
        return self.room.saved(visit, saved, "added")

    async def show(self, visit: Visit) -> Response:
        """``GET /console/applications/{id}``."""
        one = await self.room.applications.get(visit.operator, visit.place("id"))
        return self.room.page(
            visit, "show", title=one.name, application=one, at=place(one.id), tabs=tabs(one.id, ""),
            issuer=self.room.issuer, facts=_facts(one), policy=policy_told(one.sign_in_policy),
            has_secret=one.authentication in SECRET_METHODS,
        )  # fmt: skip

    async def enable(self, visit: Visit, _fields: Fields) -> Response:
        """``POST …/enable``."""
        return await self._switch(visit, enabled=True)

    async def disable(self, visit: Visit, _fields: Fields) -> Response:
        """``POST …/disable``."""
        return await self._switch(visit, enabled=False)

    async def _switch(self, visit: Visit, *, enabled: bool) -> Response:
        one = await self.room.applications.set_enabled(visit.operator, visit.place("id"), enabled=enabled)
        return self.room.desk.done(place(one.id), "enabled" if enabled else "disabled")


def _row(one: Application) -> dict[str, object]:
    return {"application": one, "at": place(one.id), "proof": _proof(one)}


def _proof(one: Application) -> str:
    labels = {choice.value: choice.label for choice in AUTHENTICATION.choices}
    return labels[one.authentication.value]


def _facts(one: Application) -> list[tuple[str, str]]:
    """Return what an operator wants to know first."""
    ways = [*(one.identity_providers or ("every identity provider",))]
    local = ["user name and password"] if one.local_sign_in else []
    risky = [(PROOF.fields[-1].label, "on")] if one.allow_missing_pkce_risky else []
    return [
        ("Client id", one.id),
        ("Redirect URIs", "\n".join(one.redirect_uris)),
        ("Proves itself by", _proof(one)),
        *risky,
        ("People come through", ", ".join([*ways, *local])),
        ("Needs an account here", "yes" if one.requires_local_account else "no"),
        ("Attributes that it needs", ", ".join(one.required_attributes) or "none"),
        ("Scopes", ", ".join(one.scopes)),
    ]
