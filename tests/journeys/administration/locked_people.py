"""An office whose people came through Acme, with the sessions that they are in."""

from dataclasses import dataclass, replace
from datetime import timedelta

from tests.journeys.administration.office import ACME, ROOT, Office

from jitney.model.account_link import AccountLink, LinkedBy
from jitney.model.changes import AddAccountLink, AddSession, AddUser
from jitney.model.enhanced import EnhancedFeature
from jitney.model.session import LocalPerson, PassingPerson, Person, Session
from jitney.model.user import AttributeValue, GivenBy, Provenance, User
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.store_rules import canonical_username

HERS = "Ada@acme.example"


@dataclass
class LockedPeople:
    """The office, and the internal id of Acme."""

    office: Office
    acme: str

    async def add(
        self,
        name: str,
        subject: str | None = None,
        *,
        email: str = HERS,
        given_by: Provenance | None = None,
        origin: bool = False,
        **changed: object,
    ) -> User:
        """Add somebody linked to Acme by ``subject``, who has the address from ``given_by`` (by default Acme)."""
        giver = given_by or Provenance(GivenBy.IDENTITY_PROVIDER, self.acme)
        username = canonical_username(UserStoreDescription("PRIMARY"), name)
        attributes = {"email": (AttributeValue(email, giver),)} if email else {}
        now = self.office.clock.now()
        user = User(
            f"u-{name}", username, now, attributes=attributes, origin=self.acme if origin else None, **changed
        )  # pyright: ignore[reportArgumentType]
        link = AccountLink(self.acme, subject or f"s-{name}", user.id, "PRIMARY", now, LinkedBy.PROVISIONING)
        links = () if subject == "" else (AddAccountLink(link),)
        await self.office.doors.unit_of_work.commit(AddUser(user), *links)
        return user

    async def sign_in(self, person: Person, *, subject: str, id: str = "hash") -> None:
        now = self.office.clock.now()
        session = Session(
            id, f"sid-{id}", person, now, now, now, now + timedelta(hours=1), idp=self.acme, subject=subject
        )
        await self.office.doors.unit_of_work.commit(AddSession(session))

    async def user(self, name: str) -> User:
        return await self.office.users.get(ROOT, f"u-{name}")

    async def is_locked(self, name: str) -> bool:
        return (await self.user(name)).lock is not None

    def locked_identities(self) -> set[tuple[str, str]]:
        """Return by what identities are locked, and their values."""
        kept = self.office.doors.look().identity_locks.values()
        return {(one.locked_by.value, one.value) for one in kept}

    async def signed_in(self) -> set[str]:
        return set(self.office.doors.look().sessions)


async def people(
    *, stands: bool | None = None, enhanced: bool = True, edits: bool | None = None
) -> LockedPeople:
    """Open the office; ``stands`` and ``edits`` are what Acme itself says of the two parts."""
    office = Office(enhanced=enhanced)
    parts = EnhancedFeature(lock_social_identity=stands, refuse_edits=edits)
    acme = await office.identity_providers.add(ROOT, replace(ACME, enhanced=parts))
    return LockedPeople(office, acme.idp.id)


def local(user: User) -> LocalPerson:
    return LocalPerson(user.id, user.username.domain)


def passing(at: LockedPeople, subject: str) -> PassingPerson:
    return PassingPerson(at.acme, subject, {})
