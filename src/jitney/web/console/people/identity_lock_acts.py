"""Locks on social identities: of somebody who has an account here, or who has none."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.administration.people.identity_locks import SocialIdentity
from jitney.errors import InvalidInput, NotFound
from jitney.model.identity_lock import IdentityLock, LockedBy
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway, Fields, Visit
from jitney.web.console.people.act_page import ActPage, text_of, wrong
from jitney.web.console.people.addresses import PEOPLE, PERSON, SECTION, called, link_key, person_path
from jitney.web.console.people.faults_at_fields import told_at_fields
from jitney.web.console.people.locking_fields import LOCK_FIELDS, read_until
from jitney.web.console.people.people_verbs import PeopleVerbs
from jitney.web.console.record_fields import Choice, Field, Kind
from jitney.web.console.record_search import Search

LOCK_IDENTITY: Final = f"{PEOPLE}/lock-identity"
UNLOCK_IDENTITY: Final = f"{PEOPLE}/unlock-identity"
SEARCH: Final = Search(LOCK_IDENTITY, ("idp",), cursor="", plain=frozenset({"idp"}))
MOST_SHOWN: Final = 100

_WHO = (
    Field("idp", "Identity provider", sentence="Its short name.", placeholder="acme", required=True),
    Field(
        "by",
        "By which word",
        Kind.CHOICE,
        choices=(
            Choice("subject", "Subject", "Exactly as the provider sends it, letter by letter."),
            Choice(
                "email", "E-mail address", "As the provider says it; small and capital letters are the same."
            ),
        ),
    ),
    Field("value", "Subject or address", required=True),
)
_SENTENCES = (
    "Whom the provider names so is locked out: the accounts that the identity opens are locked, and their sessions "
    "end.",
    "Where the enhanced feature lets locks stand on identities, nothing is provisioned for them either, and "
    "somebody without an account can be locked too.",
)


@dataclass(frozen=True, slots=True)
class LockRow:
    """A lock as it stands in a list; ``value`` goes back to us in a form, and in no address."""

    lock: IdentityLock
    idp_name: str
    is_in_force: bool
    unlocking: Mapping[str, str] = field(default_factory=dict[str, str])


def lock_row(lock: IdentityLock, idp_name: str, now: datetime) -> LockRow:
    """Return the row of a lock."""
    unlocking = {"idp": idp_name, "by": lock.locked_by.value, "value": lock.value}
    return LockRow(lock, idp_name, lock.lock.is_in_force(now), unlocking)


@dataclass(frozen=True, slots=True)
class IdentityLockActs:
    """Pages and forms for whoever helps people."""

    desk: Desk
    verbs: PeopleVerbs

    def doorways(self) -> list[Doorway]:
        """Return its addresses; those without a person come before the pages of people."""
        one = f"{PERSON}/lock-identity/{{link}}"
        return [
            ConsolePage(LOCK_IDENTITY, Right.SEE, self.show),
            ConsoleForm(LOCK_IDENTITY, Right.HELP, self.lock, self.show),
            ConsoleForm(SEARCH.form, Right.SEE, self.search, self.show_sought, once=False),
            ConsoleForm(UNLOCK_IDENTITY, Right.HELP, self.unlock, self.show),
            ConsolePage(one, Right.HELP, self.show_one),
            ConsoleForm(one, Right.HELP, self.lock_one, self.show_one),
        ]

    async def show(self, visit: Visit) -> Response:
        """``GET /console/people/lock-identity``: lock somebody, and look at the locks of a provider's people."""
        try:
            asked = SEARCH.asked(replace(visit, typed=None), self.desk.searches)
        except InvalidInput as fault:
            page = await self._page(replace(visit, status=422), unknown=fault.sentence)
            page.headers["jitney-reason"] = fault.code
            return page
        return await self._page(visit, text_of(asked, "idp"))

    async def show_sought(self, visit: Visit) -> Response:
        """Show the page with the provider that was typed into the search, and what is wrong with it beside it."""
        asked, wrong_with = text_of(visit.typed or {}, "idp"), visit.problems.get("idp", "")
        return await self._page(replace(visit, typed=None, problems={}), asked, unknown=wrong_with)

    async def search(self, _visit: Visit, fields: Fields) -> Response:
        """``POST /console/people/lock-identity/search``: lead to the locks of a provider's people."""
        return SEARCH.answered(self.desk.searches, fields)

    async def _page(self, visit: Visit, asked: str = "", *, unknown: str = "") -> Response:
        rows = list[LockRow]()
        if asked and not unknown:
            try:
                locks = await self.verbs.identity_locks.list(visit.operator, asked)
            except NotFound as fault:
                unknown = fault.sentence
            else:
                rows = [lock_row(one, asked, self.desk.now()) for one in locks[:MOST_SHOWN]]
        return self.desk.page(
            visit,
            "console/people/lock_identity.html",
            title="Lock an identity",
            section=SECTION,
            sentences=_SENTENCES,
            fields=(*_WHO, *LOCK_FIELDS),
            typed=visit.typed if visit.typed is not None else {"idp": asked, "by": "subject"},
            action=LOCK_IDENTITY,
            search=SEARCH.form,
            unlock=UNLOCK_IDENTITY,
            asked=asked,
            unknown=unknown,
            rows=rows,
        )

    async def lock(self, visit: Visit, fields: Fields) -> Response:
        """``POST /console/people/lock-identity``."""
        return self.desk.done(LOCK_IDENTITY, await self._lock(visit, _identity(fields), fields))

    async def unlock(self, visit: Visit, fields: Fields) -> Response:
        """``POST /console/people/unlock-identity``, also from a person's page."""
        await self.verbs.identity_locks.unlock(visit.operator, _identity(fields))
        user_id = text_of(fields, "person")
        user = await self.verbs.access.get(visit.operator, user_id) if user_id else None
        back = person_path(user.id) if user else LOCK_IDENTITY
        return self.desk.done(back, "identity_unlocked")

    async def show_one(self, visit: Visit) -> Response:
        """``GET …/lock-identity/{link}``: the identity by which a person comes in."""
        user = await self.verbs.person_to_help(visit)
        who, key = await self._who(visit)
        return ActPage(
            title=f"Lock an identity of {called(user)}",
            act=f"lock-identity/{key}",
            button="Lock the identity",
            person=user,
            sentences=_SENTENCES,
            lines=(("Identity provider", who.idp_name), ("Subject", who.value)),
            fields=LOCK_FIELDS,
            danger=True,
        ).shown(self.desk, visit)

    async def lock_one(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/lock-identity/{link}``."""
        user = await self.verbs.person_to_help(visit)
        who, _ = await self._who(visit)
        return self.desk.done(person_path(user.id), await self._lock(visit, who, fields))

    async def _lock(self, visit: Visit, who: SocialIdentity, fields: Fields) -> str:
        """Lock, and return which notice tells what was locked."""
        reason, until = text_of(fields, "reason"), read_until(fields)
        with told_at_fields():
            locked = await self.verbs.identity_locks.lock(visit.operator, who, reason=reason, until=until)
        return "identity_locked" if locked.on_identity else "accounts_locked"

    async def _who(self, visit: Visit) -> tuple[SocialIdentity, str]:
        """Return the identity that an address means, and what names it there."""
        link, name = await self.verbs.link_meant(visit)
        return SocialIdentity(name, LockedBy.SUBJECT, link.subject), link_key(link)


def _identity(fields: Fields) -> SocialIdentity:
    try:
        by = LockedBy(fields.get("by", ""))
    except ValueError as fault:
        raise wrong(by="Choose one of the two.") from fault
    return SocialIdentity(text_of(fields, "idp"), by, fields.get("value", ""))
