"""Editing the sign-in policy of an application, with what of it nobody can meet told when it is saved."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from jitney.errors import Conflict, InvalidInput
from jitney.model.application import Application
from jitney.model.sign_in_policy import SignInPolicy
from jitney.web.console.applications.policy_form import (
    cards_of,
    policy_told,
    read_policy,
    typed_of_policy,
)
from jitney.web.console.applications.room import ApplicationRoom, place, tabs
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.record_forms import Field, Kind
from jitney.web.console.versions import Present, both_versions, version_in

RULES = Field("rule", "Rules", Kind.ROWS)
"""All rules are one field: their order is what decides, so that no rule of two policies is taken alone."""


@dataclass(frozen=True, slots=True)
class PolicyEditing:
    """Edits all rules at once: their order is what decides."""

    room: ApplicationRoom

    async def show(self, visit: Visit) -> Response:
        """``GET …/policy``."""
        present = await self.room.applications.get(visit.operator, visit.place("id"))
        typed = _now(present).shown(visit.typed)
        return self.room.page(
            replace(visit, typed=typed),
            "policy",
            title=present.name,
            cards=cards_of(typed),
            rules=policy_told(present.sign_in_policy),
            providers=(await self.room.provider_names(visit))[:40],
            at=place(present.id, "policy"),
            tabs=tabs(present.id, "policy"),
        )

    async def save(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/policy``."""
        present = await self.room.applications.get(visit.operator, visit.place("id"))
        typed = _now(present).settled(fields)
        read, version = read_policy(typed, present.sign_in_policy), version_in(typed)
        if read.policy == present.sign_in_policy and version == present.version:
            return self.room.desk.done(place(present.id, "policy"), "unchanged")
        try:
            wanted = replace(present, sign_in_policy=read.policy)
            saved = await self.room.applications.change(visit.operator, wanted, version=version)
        except Conflict as lost:
            if lost.what != "application":
                raise
            return await self._conflict(visit, fields)
        except InvalidInput as fault:
            raise read.placed(fault) from fault
        return self.room.saved(visit, saved, "saved", further="policy")

    async def _conflict(self, visit: Visit, fields: Fields) -> Response:
        theirs = await self.room.applications.get(visit.operator, visit.place("id"))
        mine = typed_of_policy(read_policy(fields, theirs.sign_in_policy).policy)
        return both_versions(
            self.room.desk, visit, _now(theirs), fields, mine=mine,
            title=f"{theirs.name}: sign-in policy", at=place(theirs.id, "policy"),
        )  # fmt: skip


def _now(present: Application) -> Present:
    return Present((RULES,), present.version, typed_of_policy(present.sign_in_policy), _in_words)


def _in_words(_: Field, texts: Fields) -> str:
    told = policy_told(read_policy(texts, SignInPolicy()).policy)
    return "\n".join(f"{number}: {rule}" for number, rule in told) or "none"
